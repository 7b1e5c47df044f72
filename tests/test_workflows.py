"""GitHub의 일, 이미지, 이어 쓰는 사람의 글이 저장소에 있는 것만 부르는지. GitHub도 도커도 없이 볼 수 있는 만큼 본다."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from authoring import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[0-9]*.yml"))
SCRIPTS = sorted((ROOT / ".ci").iterdir())
LOCK = ROOT / "requirements.lock"
TEXTS = [ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
GENERATED = ("_build", ".venv")
# .ci의 스크립트가 제 임시 폴더에 만드는 것.
LOCAL = {"test-tools.txt"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
MAKE_TARGETS = set(re.findall(r"^([\w./-]+):(?!=)", MAKEFILE, re.MULTILINE))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path):
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def commands():
    """셸이 실행할 모든 글: 워크플로의 ``run``과 ``.ci``의 스크립트."""
    for path in WORKFLOWS:
        for position, step in enumerate(step["run"] for step in steps(path) if "run" in step):
            yield pytest.param(step, id=f"{path.stem}-{position}")
    for path in SCRIPTS:
        yield pytest.param(path.read_text(encoding="utf-8"), id=path.name)


def named_paths(text):
    """셸의 글이 부르는 저장소의 파일. 절대 경로, 변수, 주소는 뺀다. 이미지 안의 ``/course``는 저장소이다."""
    for word in shlex.split(text, comments=True):
        word = word.removeprefix("$course/").removeprefix("/course/")
        looks_like_file = "/" in word or Path(word).suffix in {".txt", ".toml", ".py", ".yml", ".md"}
        if looks_like_file and re.fullmatch(r"[\w.][\w./-]*", word):
            yield word


def exists(name):
    return name.startswith(GENERATED) or any(ROOT.glob(name.rstrip("/")))


def check_schema(schema, *paths):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *paths]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_duty_has_its_file():
    duties = {"ci", "pages", "colab", "latest", "versions", "links", "mutants", "audit", "publish"}
    assert {path.stem for path in WORKFLOWS} == duties


@pytest.mark.parametrize(
    "schema, paths",
    [
        ("github-workflows", WORKFLOWS),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"]),
        ("citation-file-format", [ROOT / "CITATION.cff"]),
    ],
)
def test_file_follows_the_published_schema(schema, paths):
    check_schema(schema, *paths)


def test_schema_refuses_a_misspelt_key(tmp_path):
    """스키마가 정말로 견주는지."""
    path = tmp_path / "ci.yml"
    path.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("timeout-minutes", "timeout-minute"))
    with pytest.raises(AssertionError, match="timeout-minute"):
        check_schema("github-workflows", path)


@each_workflow
def test_workflow_asks_for_little_and_ends(path):
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"].startswith(path.stem)
    assert workflow["name"] == path.stem
    for name, job in workflow["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 120, name
        if "write" in job.get("permissions", {}).values():
            # 쓰기 권한이 있는 작업은 저장소의 코드를 받지도 돌리지도 않는다.
            assert not any("checkout" in step.get("uses", "") or "make" in step.get("run", "") for step in job["steps"])


@each_workflow
def test_actions_are_those_of_github_with_a_version(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used), used


@pytest.mark.parametrize("text", list(commands()))
def test_shell_can_read_the_command(text):
    result = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
    assert result.returncode == 0 and not result.stderr, result.stderr


@pytest.mark.parametrize("text", list(commands()))
def test_every_named_path_exists(text):
    makes = re.compile(r"^\s*make .*$", re.MULTILINE)
    assert [name for name in named_paths(makes.sub("", text)) if not exists(name) and name not in LOCAL] == []


def test_a_path_that_is_not_there_is_noticed():
    text = "bash .ci/ran && pip install -r requirement.txt -e . && cat README.md $HOME/x /etc/x https://a.b/c"
    assert [name for name in named_paths(text) if not exists(name)] == [".ci/ran", "requirement.txt"]


@each_workflow
def test_uploaded_path_is_one_that_is_generated(path):
    for step in steps(path):
        if "upload" in step.get("uses", ""):
            assert step["with"]["path"].startswith("_build/")


@pytest.mark.parametrize(
    "text",
    [*commands(), *(pytest.param(path.read_text(encoding="utf-8"), id=path.name) for path in TEXTS)],
)
def test_every_make_target_exists(text):
    called = set(re.findall(r"(?:^|[`;&|]\s*)make ([a-z./-]+)", text, re.MULTILINE))
    assert called <= MAKE_TARGETS, called - MAKE_TARGETS


def test_make_targets_are_called_by_the_workflows():
    """위의 정규식이 부른 것을 찾아내는지."""
    text = "\n".join(step.get("run", "") for path in WORKFLOWS for step in steps(path))
    called = {"pdf", "slides", "links", "mutants", "test", "audit", "dist", ".venv/ready"}
    assert set(re.findall(r"^make (\S+)", text, re.MULTILINE)) == called


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_text_names_only_what_exists(path):
    text = path.read_text(encoding="utf-8")
    inside, root = r"(?:\.github|\.ci|book|notebooks|src|tests)/[\w./-]*", r"[\w-]+\.(?:md|txt|yml|cff)"
    names = re.findall(rf"[`(]({inside}|{root})[`):]", text)
    assert names and not [name for name in names if not exists(name)]
    for file, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text):
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test


@pytest.mark.parametrize("open_issue, told", [("", "issue create"), ("7", "issue comment 7")])
def test_failure_on_the_newest_versions_is_told_once(open_issue, told, tmp_path):
    """``gh`` 대신 부른 것을 적어 두는 스크립트로 돌려 본다."""
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >> "$CALLS"\ncase "$2" in list) echo "{open_issue}";; esac\n')
    gh.chmod(0o755)
    calls = tmp_path / "calls"
    (step,) = load(ROOT / ".github" / "workflows" / "latest.yml")["jobs"]["report"]["steps"]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "RUN": "https://example.org/1"}
    subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, check=True)
    written = [line for line in calls.read_text().splitlines() if line.startswith(("issue create", "issue comment"))]
    assert len(written) == 1 and written[0].startswith(told) and written[0].endswith("https://example.org/1")


# 설치는 적어 두기만 하고, pytest는 셀을 모으기만 한다.
FAKE_PYTHON = """\
#!/bin/sh
case "$*" in
  "-m pip install"*)
    echo "$@" >> "$CALLS"
    for last; do :; done
    case "$last" in *.txt) cat "$last" >> "$CALLS";; esac;;
  "-m pip list") echo "homl11 0.1.0";;
  "-m pytest"*) exec "{python}" "$@" --collect-only -q -p no:cacheprovider;;
  *) exec "{python}" "$@";;
esac
"""


def test_colab_script_collects_every_notebook_from_a_clean_folder(tmp_path):
    """설치와 실행만 빼고 ``.ci/colab``을 그대로 돌린다."""
    python = tmp_path / "python3"
    python.write_text(FAKE_PYTHON.format(python=sys.executable))
    python.chmod(0o755)
    calls = tmp_path / "calls"
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "CALLS": str(calls), "TMPDIR": str(tmp_path)}
    result = subprocess.run(["bash", ROOT / ".ci" / "colab"], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        assert f"notebooks/{path.name}::Cell 0" in result.stdout
    installed = calls.read_text().splitlines()
    assert re.fullmatch(r"-m pip install -q git\+https://github\.com/\S+@main", installed[0])
    assert installed[2:] == [f"{name}=={metadata.version(name)}" for name in ("pytest", "pytest-xdist", "nbval")]


def test_colab_takes_the_threads_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    settings = set(re.search(r"^ONE_THREAD := (.*)$", makefile, re.MULTILINE)[1].split())
    assert settings < set((ROOT / ".ci" / "colab").read_text(encoding="utf-8").split())


def test_packages_are_published_only_with_a_release_and_after_a_look():
    workflow = load(ROOT / ".github" / "workflows" / "publish.yml")
    build, upload = workflow["jobs"]["build"], workflow["jobs"]["upload"]
    assert workflow[True] == {"release": {"types": ["published"]}}  # YAML 1.1은 on을 참으로 읽는다
    assert "permissions" not in build and upload["permissions"] == {"id-token": "write"} and upload["needs"] == "build"
    runs = [step["run"] for step in build["steps"] if "run" in step]
    assert runs[0] == "make dist" and "twine" in runs[-1] and "check --strict _build/dist/*" in runs[-1]
    (version,) = re.findall(r"uv==(\S+) publish --trusted-publishing always dist/\*$", upload["steps"][-1]["run"])
    assert version == metadata.version("uv")


@pytest.mark.parametrize("tag, code", [("v1.2.0", 0), ("1.2.0", 0), ("v1.2", 1), ("v1.3.0", 1)])
def test_release_named_unlike_the_package_is_not_published(tag, code, tmp_path):
    (tmp_path / "_build/dist").mkdir(parents=True)
    (tmp_path / "_build/dist/homl11-1.2.0-py3-none-any.whl").touch()
    steps = load(ROOT / ".github" / "workflows" / "publish.yml")["jobs"]["build"]["steps"]
    (step,) = [step["run"] for step in steps if "GITHUB_REF_NAME" in step.get("run", "")]
    assert subprocess.run(["bash", "-ec", step], cwd=tmp_path, env={"GITHUB_REF_NAME": tag}).returncode == code


def test_wheel_is_tried_beside_every_tensorflow_it_admits_and_jax():
    text = (ROOT / ".github" / "workflows" / "versions.yml").read_text(encoding="utf-8")
    tried = re.findall(r"bash \.ci/wheel '?([\w.=*]+)", text)
    newest = int(metadata.version("tensorflow").split(".")[1])
    admitted = [f"tensorflow==2.{minor}.*" for minor in range(19, newest + 1)]
    assert set(admitted) | {"jax"} <= set(tried), tried


FILE = "kim/book/blob/main/a.ipynb"


@pytest.mark.parametrize(
    "uri, looked_at",
    [
        (f"https://colab.research.google.com/github/{FILE}", f"https://github.com/{FILE}"),
        ("https://colab.research.google.com/", None),
        ("https://keras.io/github/", None),
    ],
)
def test_colab_link_is_looked_at_where_its_file_lives(uri, looked_at):
    """``None``이면 스핑크스가 주소를 그대로 본다."""
    assert runpy.run_path(str(ROOT / "book" / "_ext" / "links.py"))["opened_file"](None, uri) == looked_at


def dockerfile():
    """명령과 인수. 이어지는 줄은 하나로 잇는다."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def ignored(path):
    """``.dockerignore``가 빼는가. 뒤의 줄이 앞의 줄을 이긴다."""
    result = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            pattern = line.removeprefix("!").removeprefix("**/")
            depth = pattern.count("/") + 1
            parts = path.split("/")
            candidates = parts if line.startswith("**/") else ["/".join(parts[:depth])]
            if any(fnmatch(candidate, pattern) for candidate in candidates):
                result = not line.startswith("!")
    return result


def test_image_has_a_python_that_the_package_accepts():
    (image,) = [argument for command, argument in dockerfile() if command == "FROM"]
    assert SpecifierSet(PROJECT["requires-python"]).contains(re.fullmatch(r"python:(3\.\d+)-slim", image)[1])


def test_image_copies_what_exists_and_no_solutions():
    copied = [argument.split() for command, argument in dockerfile() if command == "COPY"]
    sources = [word for words in copied for word in words[:-1] if not word.startswith("--")]
    files = [path for source in sources for path in ROOT.glob(source)]
    assert all(any(ROOT.glob(source)) for source in sources)
    # 꾸러미를 만들 때 읽는 것
    assert {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]} <= set(sources)
    assert not [path for path in files if ignored(str(path.relative_to(ROOT)))]
    assert ignored("notebooks/exercises/schedules.ipynb") and ignored(".git") and ignored("src/grading")
    assert ignored("src/homl11/__pycache__") and not ignored("notebooks/exercises/student/schedules.ipynb")


def test_image_runs_as_a_plain_user_and_watches_its_health():
    lines = dockerfile()
    users = [argument for command, argument in lines if command == "USER"]
    assert users == ["learner"] and "root" not in users
    assert [command for command, _ in lines].index("USER") < [command for command, _ in lines].index("CMD")
    assert any(command == "HEALTHCHECK" and "8888/api" in argument for command, argument in lines)


def test_image_installs_pinned_versions_of_what_it_names(tmp_path):
    (run,) = [argument for command, argument in dockerfile() if command == "RUN" and "pip install" in argument]
    extract, install = run.split("&& pip install")
    subprocess.run(extract.replace("requirements.lock", shlex.quote(str(LOCK))), shell=True, cwd=tmp_path, check=True)
    pins = {Requirement(line).name for line in (tmp_path / "pins.txt").read_text(encoding="utf-8").splitlines()}
    named = {word for word in install.split() if re.fullmatch(r"[a-z]+", word)}
    assert {"jupyterlab", "ipykernel"} <= named <= pins
    assert {Requirement(line).name for line in PROJECT["dependencies"]} <= pins


def test_binder_installs_the_locked_versions_and_reads_not_the_dockerfile():
    """repo2docker는 ``.binder``가 있으면 Dockerfile을 보지 않는다. 해시를 확인하는 pip은 ``-e``를 함께 받지 않는다."""
    lines = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (included,) = [line for line in lines if not line.startswith("#")]
    assert (ROOT / ".binder" / included.removeprefix("-r ")).resolve() == LOCK
    script = ROOT / ".binder" / "postBuild"
    assert os.access(script, os.X_OK)
    (install,) = [line for line in script.read_text(encoding="utf-8").splitlines() if "pip install" in line]
    assert install.split("pip install")[1].strip() in MAKEFILE


def test_binder_shows_exercises_without_solutions(tmp_path):
    folder = tmp_path / "notebooks" / "exercises"
    shutil.copytree(ROOT / "notebooks" / "exercises", folder)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/bin/true")  # 설치는 하지 않는다
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", ROOT / ".binder" / "postBuild"], cwd=tmp_path, env=environment, check=True)
    assert {path.parent.name for path in folder.rglob("*.ipynb")} == {"student"}


def test_version_and_authors_are_told_alike():
    citation, config = load(ROOT / "CITATION.cff"), load(ROOT / "_config.yml")
    package = (ROOT / "src" / "homl11" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', package, re.MULTILINE)[1]
    assert citation["version"] == version
    assert [author["name"] for author in citation["authors"]] == [config["author"]]
    assert config["copyright"].endswith(config["author"])
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for name in ("LICENSE", "LICENSE-TEXT.md"):
        assert config["copyright"] in (ROOT / name).read_text(encoding="utf-8")
    assert citation["license"] == PROJECT["license"] == "MIT"
