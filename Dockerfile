# 강좌를 담은 주피터랩. 만들고 실행하는 법은 book/how_to_run.md의 «컨테이너에서»에 있다.
FROM python:3.11-slim

# 사람이 쓰는 계정. 호스트의 폴더를 붙일 때 흔한 첫 사용자의 번호와 같게 한다.
RUN useradd --create-home --uid 1000 learner

# 패키지가 그대로면 노트북만 고쳤을 때 이 층을 다시 만들지 않는다.
WORKDIR /opt/homl11
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY src/homl11 src/homl11
# 판은 모두 requirements.lock을 따르되, 책과 시험과 채점의 도구는 넣지 않는다. 해시가 있으면 pip이 이 폴더를 받지 않는다.
RUN grep '^[a-z].*==' requirements.lock | tr -d '\\' > pins.txt \
    && pip install --no-cache-dir --constraint pins.txt . jupyterlab ipykernel

USER learner
WORKDIR /home/learner/course
COPY --chown=learner:learner notebooks/*.ipynb ./
COPY --chown=learner:learner notebooks/exercises/student exercises

EXPOSE 8888
# /api는 토큰 없이 판만 알려 준다. slim에는 curl이 없다.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8888/api', timeout=3)"]
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "--ServerApp.root_dir=/home/learner/course"]
