"""책 전체의 PDF: ``make pdf``가 만들어 두었으면 책과 함께 내고, 첫 쪽의 링크(``{only} book_pdf``)를 켠다."""

from pathlib import Path

PDF = "_build/pdf/book.pdf"


def offer(app, config):
    if Path(app.srcdir, PDF).exists():
        app.tags.add("book_pdf")
        config.html_extra_path.append(PDF)


def setup(app):
    app.connect("config-inited", offer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
