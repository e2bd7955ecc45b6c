"""Record a session with a real device into a file that people can review and share, and replay it in tests.

`Recording` writes the dialogue with everything redacted that tells whose device it is (`Redactor` says what that is);
`Replay` answers from the file and fails a test, with a diff, when a driver asks something else.
"""

from netres.testing.record.recording import Recording
from netres.testing.record.redact import Redactor
from netres.testing.record.replay import DialogueChanged, Replay

__all__ = ["DialogueChanged", "Recording", "Redactor", "Replay"]
