"""What is wrong with a user's source, with its place."""


class Problem(Exception):
    """message: what is wrong and what to do; file: as the user knows it; line: 1-based, or 0 for the whole file."""

    def __init__(self, message, file="", line=0):
        super().__init__(message)
        self.message, self.file, self.line = message, str(file), line

    def as_json(self):
        return {"message": self.message, "file": self.file, "line": self.line}
