"""terminal.py PROGRAM STEPS: types into a program on a terminal, prints what came back.

STEPS is a file; each line is typed with a return, but for: `^C` and `^D`, and `sleep S`.
The program gets 80 columns. Ends when the program does, or after 30 seconds; status 77 where no terminal can be had."""
import os, pty, select, sys, time, fcntl, struct, termios

program, steps = sys.argv[1], open(sys.argv[2], encoding="utf-8").read().splitlines()
try:
    pid, master = pty.fork()
except OSError:
    sys.exit(77)  # a machine without terminals, such as a bare chroot
if pid == 0:
    os.environ.update(TERM="xterm", XDG_STATE_HOME=os.path.dirname(sys.argv[2]), LC_ALL="C.UTF-8")
    os.execv(program, [program] + sys.argv[3:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
out, end = b"", time.time() + 30


def read(seconds):
    """Reads until nothing has come for that long; False at the end."""
    global out
    while time.time() < end:
        ready, _, _ = select.select([master], [], [], seconds)
        if not ready:
            return True
        try:
            part = os.read(master, 65536)
        except OSError:
            return False
        if not part:
            return False
        out += part
    return False


alive = read(1.0)
for step in steps:
    if not alive:
        break
    if step.startswith("sleep "):
        time.sleep(float(step[6:]))
    elif step in ("^C", "^D"):
        os.write(master, bytes([ord(step[1]) - 64]))
    else:
        os.write(master, step.encode() + b"\n")
    alive = read(0.3)
if alive:
    os.write(master, b"\x04")
    read(1.0)
try:
    _, status = os.waitpid(pid, os.WNOHANG if time.time() >= end else 0)
except ChildProcessError:
    status = -1
sys.stdout.buffer.write(out)
print(f"\nexit {os.waitstatus_to_exitcode(status) if status >= 0 else status}")
