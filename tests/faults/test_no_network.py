"""네트워크가 없다. 배우는 사람은 할 일을 듣고, 내려받지 않는 것은 모두 된다."""

import re
import shutil

import pytest

FASHION = "from homl11.data import load_dataset; load_dataset('fashion_mnist')"


@pytest.fixture
def cut(wall):
    return wall("--unshare-net")


def test_default_data_needs_no_network(learn, cut):
    result = learn("from homl11.data import load_dataset; print(load_dataset())", inside=cut)
    assert result.stdout.startswith("mnist5k: 훈련"), result.stderr


def test_learner_is_told_in_korean_what_to_do(course, run, cut):
    course.notebook("from homl11.data import load_dataset\nload_dataset('fashion_mnist')")
    result = run(*course.make("notebooks", "ONLY=99"), inside=cut)
    said = re.sub(r"\x1b\[[\d;]*m", "", result.stderr)
    [message] = re.findall(r"^DatasetError: (.*)$", said, re.MULTILINE)
    assert result.returncode and "인터넷 연결을 확인하고" in message and "load_dataset('mnist5k')" in message
    assert "urllib" not in said


def test_nothing_is_left_where_nothing_could_be_downloaded(learn, home, cut):
    learn(FASHION, inside=cut)
    assert [path.name for path in (home / ".keras").rglob("*") if path.is_file()] == ["keras.json"]


def test_book_is_told_quickly_that_mathjax_is_missing(course, run, home, cut):
    said = run(course.folder / ".venv/bin/python", "-m", "authoring.vendor", inside=cut, cwd=course.folder).stdout
    assert "책은 그대로 만듭니다" in said and "cdn.jsdelivr.net" in said
    if shutil.which("npm"):
        logs = [log.read_text(encoding="utf-8") for log in (home / ".npm" / "_logs").glob("*.log")]
        assert logs
        for text in logs:
            assert '"--fetch-retry-mintimeout" "1000"' in text  # 곧 한 번만 더 해 본다
            assert {int(count) for count in re.findall(r"attempt (\d+) failed", text)} == {1, 2}


def test_book_is_built_without_network(course, run, cut):
    result = run(*course.make("book"), inside=cut)
    assert "책이 완성되었습니다" in result.stdout, result.stderr
    assert (course.folder / "_build/html/index.html").exists()
