"""강사의 도구: 과제를 내고, 모으고, 안전하게 채점하고, 돌려준다. 채점은 nbgrader 위에 선다."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = ROOT / "notebooks" / "exercises"
ASSIGNMENTS = {"schedules": "학습률 스케줄링", "regularization": "규제"}
