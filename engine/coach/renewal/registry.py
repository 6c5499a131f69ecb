"""The processes of this server that renew suspects, one for each project. Light to import."""

import sys

from engine.coach.forkserver import ForkServer
from engine.coach.registry import Coaches

COMMAND = (sys.executable, "-m", "engine.coach.renewal.worker")
renewers = Coaches(ForkServer(COMMAND))
