"""프록시가 엉뚱한 것을 준다: 로그인 쪽, 잡음, 끊긴 몸통, 바뀐 바이트, 끝없는 침묵."""

import gzip
import shutil
import socketserver
import ssl
import subprocess
import threading
import urllib.request

import pytest
from sandbox import contents

from authoring import vendor
from homl11.data import DatasetError, load_dataset

PAGE = "<html>로그인하세요</html>".encode()
HOST = "storage.googleapis.com"


def response(body, length=None):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """회사의 프록시처럼, 이 기계가 믿기로 한 인증서."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key", "-out"]
    command += [folder / "certificate", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def proxy(certificate, cache, monkeypatch):
    """프록시를 켠다. ``tunnel``은 CONNECT에, ``inner(파일 이름)``은 그 안에서 파일을 달라는 말에 하는 답이다."""
    servers = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.receive(self.request)
            if self.server.tunnel is None:
                return self.server.closed.wait(30)
            self.request.sendall(self.server.tunnel)
            if self.server.inner:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate / "certificate", certificate / "key")
                with context.wrap_socket(self.request, server_side=True) as inside:
                    name = self.receive(inside).split()[1].decode().rpartition("/")[2]
                    inside.sendall(self.server.inner(name))

        @staticmethod
        def receive(stream):
            request = b""
            while not request.endswith(b"\r\n\r\n") and (piece := stream.recv(4096)):
                request += piece
            return request

    def start(tunnel=b"HTTP/1.1 200 OK\r\n\r\n", inner=None):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads, server.tunnel, server.inner, server.closed = True, tunnel, inner, threading.Event()
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        monkeypatch.setattr(urllib.request, "_opener", None)  # 프록시는 처음 쓸 때 한 번만 읽힌다
        for name in ("no_proxy", "NO_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate"))
        return server

    yield start
    for server in servers:
        server.closed.set()
        server.shutdown()
        server.server_close()


def refused(match="인터넷 연결을 확인하고"):
    return pytest.raises(DatasetError, match=match)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://login.invalid/\r\n\r\n",
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno",
        b"\x00\xff\x13\x37 not http at all\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
    ],
    ids=["redirect", "authentication", "noise", "silence", "page instead of TLS"],
)
def test_answer_that_is_no_tunnel_is_one_korean_error(answer, proxy, cache):
    proxy(tunnel=answer)
    with refused() as caught:
        load_dataset("fashion_mnist")
    assert caught.value.__suppress_context__ and contents(cache) == {}


def test_stranger_who_reads_along_is_refused(proxy, cache, monkeypatch):
    proxy(inner=lambda name: response(PAGE))
    monkeypatch.delenv("SSL_CERT_FILE")
    with refused("CERTIFICATE_VERIFY_FAILED"):
        load_dataset("fashion_mnist")
    assert contents(cache) == {}


def test_silent_proxy_is_given_up(proxy, cache, monkeypatch):
    monkeypatch.setattr("homl11.data.PATIENCE", 0.5)
    proxy(tunnel=None)
    with refused("timed out"):
        load_dataset("fashion_mnist")
    assert contents(cache) == {}


def changed(packed):
    return packed[:-100] + bytes(255 - byte for byte in packed[-100:])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: response(PAGE),
        lambda packed: response(packed[:-1000], len(packed)),
        lambda packed: response(packed[:-1000]),
        lambda packed: response(changed(packed)),
        lambda packed: response(gzip.compress(gzip.decompress(packed)[:-1], 1)),
    ],
    ids=["login page", "cut off", "cut off unnoticed", "changed bytes", "another file"],
)
def test_wrong_bytes_never_enter_the_cache(spoil, proxy, cache, fashion_files):
    proxy(inner=lambda name: spoil((fashion_files / name).read_bytes()))
    for _ in range(2):
        with refused():
            load_dataset("fashion_mnist")
    assert contents(cache) == {}


def test_whole_files_of_the_cache_survive_and_the_next_try_works(proxy, cache, fashion_files):
    kept = [shutil.copy(fashion_files / name, cache) for name in ("train-images-idx3-ubyte.gz",)]
    server = proxy(inner=lambda name: response(PAGE))
    before = contents(cache)
    with refused():
        load_dataset("fashion_mnist")
    assert contents(cache) == before
    server.inner = lambda name: response((fashion_files / name).read_bytes())
    assert len(load_dataset("fashion_mnist").train.x) == 55_000
    assert contents(cache) == contents(fashion_files) and kept


def test_garbage_for_npm_leaves_nothing_behind(proxy, tmp_path, monkeypatch, capsys):
    server = proxy(tunnel=response(PAGE))
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("npm_config_registry", address)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    vendor.main(tmp_path / "vendor")
    assert "등록소에서 받지 못했습니다" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "vendor").iterdir()] == [".lock"]
