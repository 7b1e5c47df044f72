"""저장소 주소와 그 사본들."""

import doctest
import json
import re
import subprocess

import pytest

from authoring import NOTEBOOKS, ROOT, repository

OLD, NEW = "https://github.com/OWNER/REPOSITORY", "https://github.com/kim-1/deep.learning_11"
OTHERS = [
    "https://github.com/keras-team/keras",
    "https://github.com/OTHER/REPOSITORY",
    "https://github.com/OWNER/OTHER",
    "https://github.com/OWNER/REPOSITORY-old",
    "https://github.com/OWNER/REPOSITORY2",
    "https://github.com/OWNER/REPOSITORY.js",
    "https://example.com/OWNER/REPOSITORY",
    "https://github.com/kim-1/deep-learning_11",
]
COPIES = {
    "_config.yml": "title: 강좌\nrepository:\n  url: {url}\n  branch: main\n",
    "README.md": "책: {url}. 문제: <{url}/issues>\n```\ngit clone {url}.git\n```\n",
    "CONTRIBUTING.md": "이슈는 {url}/issues\n",
    "CITATION.cff": 'repository-code: "{url}"\n',
    "pyproject.toml": '[project.urls]\nHomepage = "{url}"\nIssues = "{url}/issues"\n',
    ".github/ISSUE_TEMPLATE/config.yml": "contact_links:\n  - url: {url}/blob/main/book/how_to_run.md\n",
    "book/start.md": "[Colab](https://colab.research.google.com/github/{name}/blob/main/notebooks/01_power.ipynb)\n",
    "notebooks/01_power.ipynb": '["git+{url}@main", "https://colab.research.google.com/github/{name}/blob/main"]',
    "notebooks/exercises/01_power.ipynb": '"%pip install git+{url}@main\\n"',
}


def write_copies(root, url):
    for path, text in COPIES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        name = url.removeprefix("https://github.com/")
        (root / path).write_text(text.format(url=url, name=name), encoding="utf-8")


def texts(root):
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def root(tmp_path):
    """저장소의 작은 사본."""
    write_copies(tmp_path / "copy", OLD)
    return tmp_path / "copy"


@pytest.fixture
def expected(tmp_path):
    """처음부터 그 주소로 쓴 사본의 내용."""

    def written(url):
        write_copies(tmp_path / "expected", url)
        return texts(tmp_path / "expected")

    return written


@pytest.mark.parametrize("url", [NEW, NEW + "/", NEW + ".git"])
def test_change_replaces_every_address(url, root, expected):
    repository.change(url, root)
    assert texts(root) == expected(NEW)


@pytest.mark.parametrize("link", OTHERS)
def test_change_leaves_another_link_alone(link, root):
    (root / "book/links.md").write_text(link, encoding="utf-8")
    repository.change(NEW, root)
    repository.change("https://github.com/lee/book", root)
    assert (root / "book/links.md").read_text(encoding="utf-8") == link


def test_change_reports_the_changed_files(root):
    (root / "book/other.md").write_text("주소가 없는 쪽", encoding="utf-8")
    assert {str(path.relative_to(root)) for path in repository.change(NEW, root)} == COPIES.keys()


def test_change_twice_to_the_same_address_changes_nothing_more(root, expected):
    repository.change(NEW, root)
    assert repository.change(NEW, root) == [] and texts(root) == expected(NEW)


def test_change_to_one_address_and_then_another(root, expected):
    repository.change(NEW, root)
    repository.change("https://github.com/lee/book", root)
    assert texts(root) == expected("https://github.com/lee/book")


def test_change_there_and_back(root, expected):
    repository.change(NEW, root)
    repository.change(OLD, root)
    assert texts(root) == expected(OLD)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kim/book",
        "http://github.com/kim/book",
        "https://gitlab.com/kim/book",
        "https://github.com/kim",
        "https://github.com/kim/book/tree/main",
        "https://github.com/kim/my book",
        "https://github.com/이름/저장소",
    ],
)
def test_bad_address_is_refused_in_korean_and_changes_nothing(url, root, expected):
    with pytest.raises(SystemExit, match="저장소 주소가 아닙니다"):
        repository.change(url, root)
    assert texts(root) == expected(OLD)


def sources(path, kind):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


every_notebook = pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)


@every_notebook
def test_first_code_cell_installs_from_the_repository(path):
    assert re.findall(r"git\+(\S+?)@main", sources(path, "code")[0]) == [repository.current()]


@every_notebook
def test_colab_link_opens_this_notebook_in_the_repository(path):
    name = repository.current().removeprefix("https://github.com/")
    links = re.findall(r"https://colab\.research\.google\.com/[^\s)\"]+", "\n".join(sources(path, "markdown")))
    assert set(links) == {f"https://colab.research.google.com/github/{name}/blob/main/notebooks/{path.name}"}


def test_no_tracked_file_holds_the_address_unknown_to_change():
    """주소를 적은 파일이 새로 생기면 ``PLACES``에도 적어야 한다. 이 시험의 본보기만 예외이다."""
    name = repository.current().removeprefix("https://github.com/")
    holders = subprocess.run(
        ["git", "grep", "-IlF", "--untracked", f"/{name}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    known = {str(path.relative_to(ROOT)) for path in repository.copies()}
    assert set(holders) - known <= {"tests/test_repository.py"}
    assert {"_config.yml", "CITATION.cff", "pyproject.toml", "book/how_to_run.md"} <= set(holders)


def test_address_is_one_that_can_be_changed_to():
    assert re.fullmatch(repository.PATTERN, repository.current(ROOT))


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/kim-1/deep.learning_11",
        "https://github.com/kim-1/deep.learning_11.git",
        "https://github.com/kim-1/deep.learning_11/",
        "https://kim:secret@github.com/kim-1/deep.learning_11.git",
        "git@github.com:kim-1/deep.learning_11.git",
        "ssh://git@github.com/kim-1/deep.learning_11.git",
        "ssh://git@ssh.github.com:443/kim-1/deep.learning_11.git",
    ],
)
def test_remote_on_the_host_is_known_in_every_spelling(remote):
    assert repository.hosted(f"{remote}\n") == NEW


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/",
        "/home/kim/book",
        "../book.git",
        "file:///srv/github.com/kim/book",
        "https://github.com/kim",
        "kim@host:b/c",
    ],
)
def test_remote_elsewhere_is_not_an_address(remote):
    assert repository.hosted(remote) is None


@pytest.fixture
def clone(root):
    """주소를 적지 않은 사본. 부르면 origin을 더한다."""
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return lambda origin: subprocess.run(["git", "remote", "add", "origin", origin], cwd=root, check=True)


def test_address_comes_from_config_then_workflow_then_origin(root, clone):
    workflow = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "lee/flow"}
    assert repository.address(root, {}) is None
    clone("git@github.com:park/origin.git")
    assert repository.address(root, {}) == "https://github.com/park/origin"
    assert repository.address(root, workflow) == "https://github.com/lee/flow"
    repository.change(NEW, root)
    assert repository.address(root, workflow) == NEW


def test_repository_around_the_course_is_another_one(root, clone):
    clone("git@github.com:park/origin.git")
    write_copies(root / "inner", OLD)
    assert repository.address(root / "inner", {}) is None


def test_address_is_unknown_without_git(root, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert repository.address(root, {}) is None


def test_tools_do_as_their_examples_say():
    result = doctest.testmod(repository)
    assert result.attempted and not result.failed
