"""시험용 허브의 설정. ``authoring.hub``가 쓴다.

학생의 서버는 저마다 상자(bubblewrap)에서 돈다. 도커로 여는 허브처럼 모두가 ``jovyan``이고, 제 홈과 교환소 말고는 남의
폴더가 보이지 않는다. 이 컴퓨터에 사용자를 만들지 않고, 관리자의 권한도 쓰지 않는다.
"""

import json
import os
import sys
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner

c = get_config()  # noqa: F821 (JupyterHub가 넣어 준다)
hub = json.loads(os.environ["HUB"])
folder = Path(hub["folder"])


class Boxed(SimpleLocalProcessSpawner):
    """학생의 서버를 상자에 넣는다. 선생님의 서버는 그대로 둔다: 그 안에서 제출물의 상자를 연다."""

    @property
    def cmd(self):
        server = [sys.executable, "-m", "jupyterhub.singleuser"]
        home = str(self.home_dir)
        if self.user.name == hub["teacher"]:
            return [*hub["with_parent"], *server]
        box = ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--die-with-parent"]
        box += ["--tmpfs", str(folder / "home"), "--bind", home, home]
        box += ["--ro-bind", str(folder / "passwd"), "/etc/passwd", "--chdir", home, "--"]
        return box + server


c.JupyterHub.bind_url = hub["address"]
c.JupyterHub.hub_ip, c.JupyterHub.hub_port = "127.0.0.1", hub["ports"][0]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{hub['ports'][1]}"
c.ConfigurableHTTPProxy.command = hub["proxy"]
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{folder / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.JupyterHub.data_files_path = hub["data"]
c.JupyterHub.cleanup_servers = True
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = hub["password"]
c.Authenticator.allowed_users = {hub["teacher"], *hub["students"]}

c.JupyterHub.spawner_class = Boxed
c.Spawner.ip = "127.0.0.1"
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "home" / "{username}")
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
c.Spawner.http_timeout = c.Spawner.start_timeout = hub["patience"]
c.Spawner.environment = {
    name: os.environ[name] for name in ("PYTHONPATH", "JUPYTER_CONFIG_PATH", "LANG") if name in os.environ
}
