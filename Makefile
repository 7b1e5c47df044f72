# 목표마다 .venv가 없거나 낡았으면 먼저 갖춘다.
PYTHON ?= python3
# 다른 파이썬으로도 시험하려면: make test PYTHON=python3.13 VENV=.venv-3.13
VENV ?= .venv
BIN := $(VENV)/bin
# make를 둘 함께 부르면 늦은 쪽은 기다린다.
LOCK := $(PYTHON) src/authoring/lock.py
# 조판이나 시험이 배경에서 도는 동안 진행 막대가 출력에 섞이지 않게 한다.
QUIET := TQDM_DISABLE=1
# 작은 네트워크에서는 일을 스레드로 나누는 값이 계산보다 비싸다. 나란히 도는 시험이 코어를 서로 빼앗지도 않는다.
ONE_THREAD := TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1

.DEFAULT_GOAL := help
.PHONY: help book pdf slides links test test-all test-hub mutants settings lab hub update notebook exercise notebooks study assignments repository lock audit dist clean

help: ## 이 도움말
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

book: $(VENV)/ready ## 책을 만든다. 저장된 출력을 쓰므로 텐서플로를 실행하지 않는다
	@$(BIN)/python -m authoring.vendor
	$(LOCK) _build/.lock $(BIN)/jupyter-book build . -q -n -W --keep-going
	@echo
	@echo "책이 완성되었습니다. 브라우저로 여세요: $(CURDIR)/_build/html/index.html"

pdf: $(VENV)/ready ## 책 전체를 PDF 하나로 만든다 (크로뮴이 있어야 한다)
	$(BIN)/python -m authoring.pdf

slides: book ## 노트북으로 수업의 슬라이드를 만든다 (npm이 있어야 한다. 놓을 곳: make slides SLIDES=폴더)
	@$(BIN)/python -m authoring.slides $(SLIDES)

links: $(VENV)/ready ## 책이 가리키는 바깥 링크가 살아 있는지 본다 (인터넷이 있어야 한다)
	$(BIN)/jupyter-book build . -q --builder linkcheck --path-output _build/links

test: $(VENV)/ready ## 코드, 노트북의 출력, 책, 채점을 시험한다
	$(BIN)/ruff check .
	$(QUIET) $(ONE_THREAD) $(BIN)/python -m pytest -n 2 -m "not slow and not hub" $(PYTEST_ARGS)

test-all: test ## 오래 걸리는 시험까지 모두 한다: 장애, 책의 인쇄, 한 반을 통째로 채점하기
	$(QUIET) $(ONE_THREAD) $(BIN)/python -m pytest -n 2 -m slow $(PYTEST_ARGS)

test-hub: $(VENV)/ready ## 진짜 JupyterHub에서 한 반을 한 바퀴 돌린다 (npm이 있어야 한다)
	$(QUIET) $(ONE_THREAD) $(BIN)/python -m pytest -m hub $(PYTEST_ARGS)

mutants: $(VENV)/ready ## 도우미 패키지를 일부러 고장 내고 시험이 알아채는지 본다 (30분쯤, 나란히 돌 수: make mutants JOBS=4)
	$(ONE_THREAD) $(BIN)/python -m authoring.mutants $(if $(JOBS),--jobs $(JOBS)) $(ONLY)

settings: $(VENV)/ready ## 노트북을 프로세서의 설정 열 가지로 잇달아 시험한다 (45분쯤)
	$(BIN)/python -m authoring.settings

lab: $(VENV)/ready ## 주피터랩에서 내 노트북(my_notebooks)을 연다. 없으면 강좌의 것을 베낀다
	@$(BIN)/python -m authoring.workspace $(LAB_ARGS)

hub: $(VENV)/ready ## 시험용 JupyterHub를 이 컴퓨터에 띄운다: 학생 셋, 선생님 하나, nbgrader의 교환소 (npm이 있어야 한다)
	@$(BIN)/python -m authoring.hub

update: $(VENV)/ready ## 내 노트북에 강좌의 새 판을 받는다. 고친 노트북은 그대로 두고 새 판을 곁에 둔다
	@$(BIN)/python -m authoring.workspace --update

notebook: $(VENV)/ready ## 새 노트북의 뼈대를 만든다: make notebook NAME=14_name TITLE="제목"
	@$(BIN)/python -m authoring.scaffold "$(NAME)" "$(TITLE)"

exercise: $(VENV)/ready ## 연습 문제의 뼈대를 더한다: make exercise NAME=06_name/task ASSIGNMENT=schedules TITLE="제목"
	@$(BIN)/python -m authoring.exercise "$(NAME)" "$(ASSIGNMENT)" "$(TITLE)"
	@$(BIN)/python -m authoring.assignments

notebooks: $(VENV)/ready ## 노트북을 모두 실행해 출력을 다시 저장한다 (하나만: make notebooks ONLY=01_power)
	$(QUIET) $(ONE_THREAD) $(BIN)/python -m authoring.notebooks $(ONLY)

study: $(VENV)/ready ## 책의 조건으로 연구하고 결과를 모은다. 멈추면 잇는다 (클러스터: make study SCHEDULER=tcp://호스트:8786)
	$(BIN)/python -m homl11.study run $(if $(JOBS),--jobs $(JOBS)) $(if $(SCHEDULER),--scheduler $(SCHEDULER))
	$(BIN)/python -m homl11.study gather

assignments: $(VENV)/ready ## 강사 노트북에서 학생에게 나누어 줄 노트북을 만든다
	$(BIN)/python -m authoring.assignments

repository: $(VENV)/ready ## 저장소 주소를 모든 곳에 적는다: make repository URL=https://github.com/이름/저장소
	@test -n "$(URL)" || { echo "주소를 주세요: make repository URL=https://github.com/이름/저장소"; exit 2; }
	$(BIN)/python -m authoring.repository "$(URL)"
	$(BIN)/python -m authoring.assignments

lock: $(VENV)/ready ## requirements.txt를 고친 뒤 부른다: 모든 판과 해시를 다시 잠근다 (모두 새 판으로: make lock UPGRADE=1)
	$(BIN)/uv pip compile requirements.txt --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-package homl11 --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) --output-file requirements.lock
	@# 시험용 허브에는 .venv에 없는 것만 더한다.
	$(BIN)/uv pip compile tests/hub/requirements.txt --constraint requirements.lock --quiet --universal --python-version 3.11 \
	  --generate-hashes $$(sed -nE 's/^([a-z0-9_.-]+)==.*/--no-emit-package \1/p' requirements.lock) \
	  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) --output-file tests/hub/requirements.lock

audit: $(VENV)/ready ## 잠근 판들에 알려진 취약점이 있는지 본다 (인터넷이 없으면 마지막으로 받은 자료로)
	$(BIN)/python -m authoring.audit

dist: $(VENV)/ready ## 패키지의 휠과 소스 묶음을 _build/dist에 만든다
	rm -rf _build/dist
	$(BIN)/python -m hatchling build -d _build/dist

clean: ## 만든 책을 지운다 (.venv는 남긴다)
	rm -rf _build

ifndef LOCKED
# 기다린 쪽은 잠근 뒤에 다시 보고, 이미 갖추어졌으면 아무 일도 하지 않는다.
$(VENV)/ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) 명령이 없습니다. 파이썬 3.11-3.13을 설치하거나 make PYTHON=python3.12 처럼 알려 주세요."; exit 1; }
	@$(PYTHON) src/authoring/platforms.py
	@$(LOCK) $(VENV)/.lock $(MAKE) --no-print-directory LOCKED=1 $@
else
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "파이썬의 venv 모듈이 없습니다. 데비안·우분투에서는 apt install python3-venv 로 설치하세요."; exit 1; }
	@echo "처음 한 번, 또는 요구 사항이 바뀌었을 때: $(VENV)에 패키지를 설치합니다(몇 분)."
	$(PYTHON) -m venv $(VENV)
	@# 판마다 해시를 확인한다. 내려받은 것이 잠글 때의 것과 한 바이트라도 다르면 설치하지 않는다.
	$(BIN)/python -m pip install --no-deps --require-hashes -r requirements.lock --quiet --disable-pip-version-check
	$(BIN)/python -m pip install --no-deps --no-build-isolation -e . --quiet --disable-pip-version-check
	@# 강사의 메뉴는 배우는 사람의 주피터랩에 보이지 않게 한다. 켜는 법은 책의 «가르치는 사람에게»에 있다.
	@$(BIN)/jupyter labextension disable --level=sys_prefix @jupyter/nbgrader 2>/dev/null
	@touch $@
endif
