"""바깥 링크를 볼 때(``make links``) Colab의 링크는 그것이 여는 GitHub의 파일로 바꾸어 본다.

Colab은 없는 노트북의 주소에도 늘 잘 있다고 답한다. 파일이 없다는 것은 GitHub만 안다.
"""

COLAB, GITHUB = "https://colab.research.google.com/github/", "https://github.com/"


def opened_file(app, uri):
    """
    >>> opened_file(None, "https://colab.research.google.com/github/kim/book/blob/main/a.ipynb")
    'https://github.com/kim/book/blob/main/a.ipynb'
    """
    return GITHUB + uri.removeprefix(COLAB) if uri.startswith(COLAB) else None


def setup(app):
    app.connect("linkcheck-process-uri", opened_file)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
