"""A Slurm cluster of two nodes on this host, from Debian's packages: real daemons, of which nodes can be lost.

It is for root on a machine that belongs to no cluster. Settings lie in /etc/slurm, where Slurm looks for them: the
executor plugin clears the variable that could name another place.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psutil

PACKAGES = "slurm-wlm munge slurmdbd mariadb-server"
PROGRAMS = ("munged", "slurmctld", "slurmd", "slurmdbd", "mariadbd", "sacctmgr")
SETTINGS = Path("/etc/slurm")
NODES = ("n1", "n2")
DATABASE = """
create database slurm_acct_db;
create user slurm@localhost identified via unix_socket or mysql_native_password using password('x');
create user slurm@'127.0.0.1' identified by 'x';
grant all on slurm_acct_db.* to slurm@localhost; grant all on slurm_acct_db.* to slurm@'127.0.0.1';
"""
ACCOUNTING = """AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=16819"""
SLURMDBD = """AuthType=auth/munge
SlurmUser=root
DbdHost=localhost
DbdPort=16819
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=13306
StorageUser=slurm
StoragePass=x
StorageLoc=slurm_acct_db
LogFile={folder}/slurmdbd.log
PidFile={folder}/slurmdbd.pid
"""


def lacking() -> str:
    """Say why there can be no cluster here; nothing if there can."""
    missing = [program for program in PROGRAMS if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")]
    if os.geteuid() != 0:
        return "the daemons of Slurm want root"
    if missing:
        return f"there is no {missing[0]}; apt-get install {PACKAGES}"
    if (SETTINGS / "slurm.conf").exists():
        return f"{SETTINGS}/slurm.conf is there: this machine belongs to a cluster already"
    return ""


def run(*command: str, text: str | None = None) -> str:
    """Run a command to its end and give what it says."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def until(*command: str, says: str = "", minutes: int = 1) -> None:
    """Repeat a command until it succeeds, and says just this."""
    for _ in range(minutes * 300):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0 and says in ("", done.stdout.strip()):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")


class Cluster:
    """Two nodes, n1 and n2, with two CPUs each, whose daemons keep all that they write in a folder.

    It is used in a `with`, which starts the daemons and ends them.
    """

    def __init__(self, *, accounting: bool) -> None:
        self.accounting = accounting
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.munge: Path | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except RuntimeError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End all daemons, those of nodes first, and leave nothing."""
        daemons = [*(f"{node}.pid" for node in NODES), "slurmctld.pid", "slurmdbd.pid", "mysql/mysql.pid"]
        for daemon in [*(self.folder / name for name in daemons), *filter(None, [self.munge])]:
            self._end(daemon, signal.SIGTERM)
        for settings in ("slurm.conf", "slurmdbd.conf"):
            (SETTINGS / settings).unlink(missing_ok=True)
        shutil.rmtree(self.folder)

    def _start(self) -> None:
        self.folder.chmod(0o755)  # MariaDB's user looks into it
        (self.folder / "state").mkdir()
        settings = (Path(__file__).parent / "slurm.conf").read_text(encoding="utf-8")
        host = socket.gethostname().split(".")[0]
        settings = settings.format(folder=self.folder, host=host, accounting=ACCOUNTING if self.accounting else "")
        self._write_settings("slurm.conf", settings)
        self._start_munge()
        if self.accounting:
            self._start_accounting()
        run("slurmctld")
        for node in NODES:
            self.start(node)
        for node in NODES:
            until("sinfo", "-h", "-n", node, "-o", "%T", says="idle")
        if self.accounting:
            run("sacctmgr", "-i", "add", "account", "demo")
            run("sacctmgr", "-i", "add", "user", "root", "account=demo")

    def _write_settings(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / name).chmod(0o600 if name == "slurmdbd.conf" else 0o644)
        (SETTINGS / name).symlink_to(self.folder / name)

    def _start_munge(self) -> None:
        """Start what Slurm's daemons trust each other by, unless it runs already."""
        if subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0:
            return
        Path("/run/munge").mkdir(exist_ok=True)
        for place in ("/run/munge", "/etc/munge", "/etc/munge/munge.key", "/var/log/munge", "/var/lib/munge"):
            shutil.chown(place, "munge", "munge")
        run("setpriv", "--reuid=munge", "--regid=munge", "--clear-groups", "/usr/sbin/munged")
        self.munge = Path("/run/munge/munged.pid")

    def _start_accounting(self) -> None:
        data, socket_ = self.folder / "mysql", str(self.folder / "mysql/socket")
        data.mkdir()
        shutil.chown(data, "mysql", "mysql")
        run("mariadb-install-db", "--user=mysql", f"--datadir={data}", "--skip-test-db")
        options = [f"--datadir={data}", f"--socket={socket_}", f"--pid-file={data}/mysql.pid", "--port=13306"]
        with (self.folder / "mariadb.log").open("w") as log:
            command = ["mariadbd", "--no-defaults", "--user=mysql", "--bind-address=127.0.0.1", *options]
            subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        until("mariadb", "-S", socket_, "-e", "select 1")
        run("mariadb", "-S", socket_, text=DATABASE)
        self._write_settings("slurmdbd.conf", SLURMDBD.format(folder=self.folder))
        run("slurmdbd")
        until("sacctmgr", "-n", "show", "cluster")
        run("sacctmgr", "-i", "add", "cluster", "onehost")

    def start(self, node: str) -> None:
        """Start a node, also one that was lost; Slurm gives it jobs as soon as it knows."""
        run("slurmd", "-N", node)

    def node_of(self, job: str) -> str:
        """Wait until a job has begun, and name its node."""
        until("squeue", "-h", "-j", job, "-o", "%T", says="RUNNING", minutes=20)
        return run("squeue", "-h", "-j", job, "-o", "%N").strip()

    def state_of(self, job: str) -> str:
        """Tell how a job does, or did."""
        return run("squeue", "-h", "-t", "all", "-j", job, "-o", "%T").strip()

    def lose(self, node: str) -> None:
        """Take a node down as a power cut would: its daemon, those of its jobs, and all that they run."""
        jobs = run("squeue", "-h", "-w", node, "-o", "%i").split()
        self._end(self.folder / f"{node}.pid")
        for process in psutil.process_iter():
            try:
                of_job = any(f"slurmstepd: [{job}." in " ".join(process.cmdline()) for job in jobs)
                if of_job or process.environ().get("SLURMD_NODENAME") == node:
                    process.kill()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue

    def hold(self, job: str) -> None:
        """Stop what a job runs, as soon as there is something, so that only its time goes on."""
        self.node_of(job)
        held = False
        while not held:
            for process in psutil.process_iter():
                try:
                    if process.environ().get("SLURM_JOB_ID") == job:
                        process.suspend()
                        held = True
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue

    def _end(self, pid_file: Path, how: signal.Signals = signal.SIGKILL) -> None:
        if pid_file.exists():
            try:
                process = psutil.Process(int(pid_file.read_text()))
                process.send_signal(how)
                # Where nobody asks after ended daemons, they stay as zombies.
                while process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.1)
            except psutil.NoSuchProcess:
                pass
