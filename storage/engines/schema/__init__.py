"""Every table, as SQLAlchemy models. Only storage/ sees these; other rooms see storage.types.

Words that grow (task, status, state, kind) are plain strings in the database: the
enums in storage.types give them their meaning, and a new value needs no migration.
"""

from storage.engines.schema.accounts import AccountRow, SignInRow
from storage.engines.schema.annotations import (
    ActionRow,
    AnnotationRow,
    ConfirmationRow,
    JournalRow,
    RejectionRow,
    SpanRow,
    StepRow,
)
from storage.engines.schema.base import Base
from storage.engines.schema.collaboration import (
    AssignmentRow,
    CommentRow,
    MentionRow,
    QueueDocumentRow,
    QueueRow,
    ThreadRow,
)
from storage.engines.schema.corpus import DocumentRow, LabelRow, ProjectRow, SettingRow, TokensRow
from storage.engines.schema.inspection import (
    MatchSliceRow,
    NeighbourRow,
    OwnSliceRow,
    StressFailureRow,
    SuspectRow,
)
from storage.engines.schema.knowledge import ExampleRow, GuidelineVersionRow, NotebookEntryRow
from storage.engines.schema.machines import MachineRow
from storage.engines.schema.monitors import (
    MonitorAlarmRow,
    MonitorCountRow,
    MonitorRow,
    MonitorSendingRow,
    MonitorTextRow,
)
from storage.engines.schema.runs import (
    DocumentScoreRow,
    MatchRow,
    MetricRow,
    ReportRow,
    RunRow,
    SuggestionOutcomeRow,
    SuggestionRow,
    VisitRow,
)
from storage.engines.schema.serving import ApiKeyRow, PromotionRow, ServedTextRow
from storage.engines.schema.word_lists import WordListEntryRow, WordListRow

__all__ = [
    "AccountRow",
    "ActionRow",
    "AnnotationRow",
    "ApiKeyRow",
    "AssignmentRow",
    "Base",
    "CommentRow",
    "ConfirmationRow",
    "DocumentRow",
    "DocumentScoreRow",
    "ExampleRow",
    "GuidelineVersionRow",
    "JournalRow",
    "LabelRow",
    "MachineRow",
    "MatchRow",
    "MatchSliceRow",
    "MentionRow",
    "MetricRow",
    "MonitorAlarmRow",
    "MonitorCountRow",
    "MonitorRow",
    "MonitorSendingRow",
    "MonitorTextRow",
    "NeighbourRow",
    "NotebookEntryRow",
    "OwnSliceRow",
    "ProjectRow",
    "PromotionRow",
    "QueueDocumentRow",
    "QueueRow",
    "RejectionRow",
    "ReportRow",
    "RunRow",
    "ServedTextRow",
    "SettingRow",
    "SignInRow",
    "SpanRow",
    "StepRow",
    "StressFailureRow",
    "SuggestionOutcomeRow",
    "SuggestionRow",
    "SuspectRow",
    "ThreadRow",
    "TokensRow",
    "VisitRow",
    "WordListEntryRow",
    "WordListRow",
]
