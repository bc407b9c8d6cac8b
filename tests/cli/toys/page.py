"""What is on a page of HTML, for tests: tables and lists of terms by their id, as rows of texts, and all elements with
their attributes. Each element has to end where it should."""
import html.parser


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tables, self.elements, self.texts = {}, [], []
        self.rows = self.cell = None
        self.open = []
        self.feed(open(path, encoding="utf-8").read())
        assert not self.open, f"no end of {self.open}"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in ("meta", "br", "input", "link"):
            self.open.append(tag)
        if tag in ("table", "dl"):
            self.rows = self.tables[attributes["id"]] = []
        elif tag in ("tr", "dt"):
            self.rows.append([])
        if tag in ("td", "th", "dt", "dd"):
            self.cell = ""

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} ends at line {self.getpos()[0]}"
        if tag in ("td", "th", "dt", "dd"):
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, text):
        self.texts.append(text)
        if self.cell is not None:
            self.cell += text

    def column(self, table, title):
        rows = self.tables[table]
        at = rows[0].index(title)
        return [row[at] for row in rows[1:]]

    def has(self, text):
        return text in " ".join("".join(self.texts).split())
