"""출력을 저장하다 디스크가 가득 찬다. 앞의 노트북이 바이트까지 그대로 남는다."""

import re

import pytest

# 노트북 폴더는 256KB짜리 디스크이다. 앞의 노트북을 놓고 실행한 뒤, 남은 것을 견준다.
ON_SMALL_DISK = """
cp "$1" notebooks/99_fault.ipynb
{command}
code=$?
ls -A notebooks
cmp "$1" notebooks/99_fault.ipynb && echo 그대로
exit $code
"""
FILLS = "display({'text/plain': '가' * 200_000}, raw=True)"


@pytest.fixture
def small_disk(course, run, wall):
    """작은 디스크에서 명령을 실행한다. ``source``는 노트북의 셀이다."""

    def small_disk(source, command=".venv/bin/python -m authoring.notebooks 99"):
        before = course.notebook(source).rename(course.folder / "before.ipynb")
        inside = wall("--size", 256 * 1024, "--tmpfs", course.folder / "notebooks")
        script = ON_SMALL_DISK.format(command=command)
        return run("sh", "-c", script, "sh", before, inside=inside, cwd=course.folder)

    return small_disk


def test_old_notebook_survives_whole_and_alone(small_disk):
    result = small_disk(FILLS)
    assert result.returncode and result.stdout.endswith("99_fault.ipynb\n그대로\n"), result.stderr
    assert len(re.findall("99_fault", result.stdout)) == 2  # 진행을 알리는 줄, 그리고 남은 파일 하나


def test_message_says_what_happened_and_what_to_do(small_disk):
    said = small_disk(FILLS).stderr
    assert "Traceback" not in said
    assert "저장하지 못했습니다" in said and "디스크의 자리" in said and "저장된 노트북은 그대로입니다" in said


def test_output_that_fits_is_stored(small_disk):
    result = small_disk("1 + 1")
    assert result.returncode == 0 and "그대로" not in result.stdout, result.stderr


def test_kernel_that_cannot_start_on_a_full_home_is_named(course, run, wall, home):
    path = course.notebook("1 + 1")
    before = path.read_bytes()
    inside = wall("--size", 4096, "--tmpfs", home)
    fill = 'head -c 100000 /dev/zero > "$HOME/full" 2>/dev/null; exec .venv/bin/python -m authoring.notebooks 99'
    result = run("sh", "-c", fill, inside=inside, cwd=course.folder)
    assert result.returncode and "홈 폴더의 자리를 보세요" in result.stderr
    assert path.read_bytes() == before
