"""What columns are called that hold texts, labels, ids, dates and splits, in lower case.

The names are those of well-known corpora (GLUE, Quora, PAWS, BANKING77, Jigsaw, MS MARCO, AG News,
SICK) and of tools, the likeliest first.
"""

import re

TEXT_NAMES = (
    *("text", "sentence", "content", "document", "body", "message", "tweet", "utterance"),
    *("review", "comment", "comment text", "question", "query", "description", "headline", "title"),
    *("data", "string", "phrase", "post", "article", "txt", "texts", "input", "review text"),
)
PAIR_NAMES = (
    *(("text", "second text"), ("sentence1", "sentence2"), ("question1", "question2")),
    *(("text1", "text2"), ("text a", "text b"), ("premise", "hypothesis"), ("query", "document")),
    *(("query", "passage"), ("query", "answer"), ("query", "text"), ("query", "product title")),
    *(("question", "answer"), ("question", "sentence"), ("question", "passage")),
    *(("anchor", "positive"), ("left", "right"), ("left text", "right text"), ("user", "item")),
    *(("a", "b"), ("text", "text pair"), ("s1", "s2"), ("q1", "q2"), ("source", "target")),
    *(("history", "item"), ("title1", "title2"), ("#1 string", "#2 string")),
    *(("sentence a", "sentence b"),),
)
LABEL_NAMES = (
    *("label", "labels", "gold label", "category", "categories", "class", "intent", "target"),
    *("is duplicate", "relevance", "grade", "rel", "judgement", "judgment", "match", "tag"),
    *("tags", "topic", "sentiment", "cats", "annotations", "class index", "choice", "choices"),
    *("answer", "rating", "stars", "polarity", "quality", "score", "similarity", "labeled"),
    *("entailment judgment", "relatedness score"),
)
ID_NAMES = ("id", "uid", "guid", "doc id", "document id", "text id", "tweet id", "pair id")
DATE_NAMES = ("date", "datetime", "timestamp", "time", "created at", "published at", "published")
SPLIT_NAMES = ("split", "fold", "partition", "subset", "part", "set")
NO_LABEL = ("index", "idx", "id", "date", "user", "author", "url")


def words(name: str) -> list[str]:
    """Split a column's name into words: "commentText", "comment_text" and "Comment text"."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"#?\w+", parted.replace("_", " ").lower())
