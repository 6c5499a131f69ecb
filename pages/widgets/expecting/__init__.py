"""What a training now should bring, on Home and Tag, with the button that starts it."""
