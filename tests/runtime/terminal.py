"""terminal.py PROGRAM STEPS [ARGUMENTS]: types into a program on a terminal, prints what came back.

STEPS is a file. Each line is typed with a return, and answered by the next prompt; but for
  ^C ^D          the key; ^C is answered by a prompt too
  & TEXT         typed, nothing waited for
  wait TEXT      until the program has shown this text since the last step
  sleep S        seconds
The program gets 80 columns. Without a prompt (`moonsift run …`) only wait and sleep make sense. Ends when the
program does, or after 30 seconds; status 77 where no terminal can be had."""
import os, pty, re, select, sys, time, fcntl, struct, termios

program, steps = sys.argv[1], open(sys.argv[2], encoding="utf-8").read().splitlines()
try:
    pid, master = pty.fork()
except OSError:
    sys.exit(77)  # a machine without terminals, such as a bare chroot
if pid == 0:
    os.environ.update(TERM="xterm", XDG_STATE_HOME=os.path.dirname(sys.argv[2]), LC_ALL="C.UTF-8")
    os.execv(program, [program] + sys.argv[3:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
out, end, alive = b"", time.time() + 30, True
PROMPT = re.compile(rb"(moonsift|\.\.)> (\x1b\[[0-9;?]*[A-Za-z])*$")


def read(done):
    """Reads until what came satisfies `done`, the program ends, or time is over."""
    global out, alive
    begin = len(out)
    while alive and time.time() < end and not done(out[begin:]):
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            try:
                part = os.read(master, 65536)
            except OSError:
                part = b""
            alive = part != b""
            out += part


def read_prompt():
    """The editor shows its prompt a moment before it makes the terminal its own."""
    read(PROMPT.search)
    time.sleep(0.05)


if len(sys.argv) == 3:
    read_prompt()
for step in steps:
    if not alive:
        break
    if step.startswith("sleep "):
        time.sleep(float(step[6:]))
    elif step.startswith("wait "):
        read(lambda part: step[5:].encode() in part)
    elif step.startswith("& "):
        os.write(master, step[2:].encode() + b"\n")
    else:
        os.write(master, bytes([ord(step[1]) - 64]) if step in ("^C", "^D") else step.encode() + b"\n")
        read_prompt()
if alive and len(sys.argv) == 3:
    os.write(master, b"\x04")
read(lambda part: False)
try:
    _, status = os.waitpid(pid, os.WNOHANG if time.time() >= end else 0)
except ChildProcessError:
    status = -1
sys.stdout.buffer.write(out)
print(f"\nexit {os.waitstatus_to_exitcode(status) if status >= 0 else status}")
