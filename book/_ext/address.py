"""저장소의 주소: 쪽의 단추, Colab의 링크, 설치하는 명령에 이 책이 나온 곳의 주소를 적는다.

주소는 ``authoring.repository.address``가 찾는다. 찾지 못하면 열리지 않는 단추와 링크를 싣지 않고, 명령에는 무엇을
바꿀지 적는다. 내려받는 노트북도 같다. ``_config.yml``에 주소를 적기 전의 이름은 어느 쪽에도 남지 않는다.
"""

from pathlib import Path

from authoring.repository import address, fill, fill_notebook

BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")
VIEW = "노트북의 원본 보기"
CHANGES = {".md": fill, ".ipynb": fill_notebook}


def find(app, config):
    """테마의 설정에 주소를 넣는다. 책을 다시 만들 때 주소가 달라졌으면 모든 쪽을 다시 읽는다."""
    found = config.repository_address = address(Path(app.srcdir))
    options = config.html_theme_options
    if found:
        options["repository_url"] = found
    else:
        app.tags.add("no_address")
        options.pop("repository_url", None)
        options.update(launch_buttons={}, **dict.fromkeys(BUTTONS, False))


def read(app, docname, content):
    content[0] = CHANGES[Path(app.env.doc2path(docname)).suffix](content[0], app.config.repository_address)


def show_notebook(app, pagename, templatename, context, doctree):
    """고치는 단추는 노트북에서는 JSON을 연다. 그 대신 GitHub가 그려 보이는 노트북으로 간다."""
    if not context.get("page_source_suffix", "").endswith("ipynb"):
        return
    for group in context["header_buttons"]:
        for button in group.get("buttons", ()):
            if button.get("label") == "source-edit-button":
                button.update(url=button["url"].replace("/edit/", "/blob/", 1), text=VIEW, tooltip=VIEW)


def fill_downloads(app, exception):
    """내려받는 원본은 스핑크스가 파일에서 그대로 베낀 것이다."""
    if exception is None:
        copies = (path for folder in ("_sources", "_downloads") for path in Path(app.outdir, folder).rglob("*"))
        for path in copies:
            if change := CHANGES.get(path.suffix):
                text = path.read_text(encoding="utf-8")
                path.write_text(change(text, app.config.repository_address), encoding="utf-8")


def setup(app):
    app.add_config_value("repository_address", None, "env")
    app.connect("config-inited", find, priority=400)  # 공유 카드가 주소를 묻기 전에
    app.connect("source-read", read)
    app.connect("html-page-context", show_notebook, priority=900)
    app.connect("build-finished", fill_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
