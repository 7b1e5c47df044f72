"""강좌를 쓰는 사람의 도구. 배포하는 패키지(homl11)에는 들어가지 않는다."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
