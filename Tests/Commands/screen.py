"""A terminal's screen, as far as the prompt uses one: what is where, and in which colours."""
import re

PIECE = re.compile("\x1b\\[([?0-9;]*)([A-Za-z])|\x1b\\][^\x07]*\x07|\x1b.|[\x00-\x1f]|.", re.S)


class Screen:
    """Draws what a program has written. Lines that scroll off are kept."""

    def __init__(self, columns, text=""):
        self.columns = columns
        self.lines = [[]]
        self.row = self.column = 0
        self.style = ""
        self.write(text)

    def write(self, text):
        for match in PIECE.finditer(text):
            piece = match.group()
            if match.group(2):
                self.command(match.group(1), match.group(2))
            elif piece == "\n":
                self.down(1)
            elif piece == "\r":
                self.column = 0
            elif piece == "\b":
                self.column = max(0, self.column - 1)
            elif piece >= " ":
                self.put(piece)

    def put(self, character):
        if self.column >= self.columns:
            self.column = 0
            self.down(1)
        line = self.lines[self.row]
        line.extend([(" ", "")] * (self.column + 1 - len(line)))
        line[self.column] = (character, self.style)
        self.column += 1

    def down(self, count):
        self.row += count
        self.lines.extend([] for _ in range(self.row + 1 - len(self.lines)))

    def command(self, argument, letter):
        count = int(argument) if argument.isdigit() else 1
        if letter == "m":
            codes = [code for code in argument.split(";") if code not in ("", "0")]
            self.style = ";".join(([self.style] if self.style and codes else []) + codes)
        elif letter == "K" and argument in ("", "0"):
            del self.lines[self.row][self.column:]
        elif letter == "A":
            self.row = max(0, self.row - count)
        elif letter == "B":
            self.down(count)
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif letter == "D":
            self.column = max(0, self.column - count)
        elif letter == "G":
            self.column = count - 1
        elif letter == "P":
            del self.lines[self.row][self.column:self.column + count]
        elif letter == "J":
            del self.lines[self.row][self.column:]
            del self.lines[self.row + 1:]

    @property
    def rows(self):
        """The lines as text, without the blanks at their ends."""
        return ["".join(character for character, _ in line).rstrip() for line in self.lines]

    def styles(self, text, row=-1):
        """The styles of a text in a row: one for each character."""
        line = self.lines[row]
        start = "".join(character for character, _ in line).index(text)
        return [style for _, style in line[start:start + len(text)]]
