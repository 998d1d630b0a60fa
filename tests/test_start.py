"""The first start of a newcomer: nothing is asked in the terminal before the app is there."""

import os
import pty
import re
import select
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
READY = re.compile(r"You can now view[\s\S]*Getting ready[\s\S]*Ready\.")


def test_a_first_start_in_a_terminal_opens_the_app_without_a_question(tmp_path):
    """As in the README: with a terminal, no settings at home, and on a desktop (not headless)."""
    opened = tmp_path / "opened"
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    opener.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "SKREC_LITE_HOME": str(tmp_path),
        "STREAMLIT_SERVER_HEADLESS": "false",
        "STREAMLIT_SERVER_PORT": str(port),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py"],
        cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while health(port) is None and time.monotonic() < deadline:
            time.sleep(0.2)
        assert health(port) == b"ok", "the app did not come up; was something asked in the terminal?"
        while not opened.exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert opened.read_text().split() == [f"http://localhost:{port}"]
        assert READY.search(said(ours)), "the terminal does not say why the page waits"
    finally:
        server.terminate()
        server.wait(20)
        os.close(ours)
        os.close(theirs)


def said(terminal):
    """Return what the server has written so far."""
    text = b""
    while select.select([terminal], [], [], 0.5)[0]:
        text += os.read(terminal, 65536)
    return text.decode()


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return answer.read()
    except OSError:
        return None
