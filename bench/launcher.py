"""Start one program, wait for it and print what it used: a small process of its own.

python -I -S bench/launcher.py CORES COMMAND…

Linux counts the memory of a process before `exec` in its peak, so a program started by the
benchmark itself would be charged with the benchmark's memory. This one imports next to nothing.
CORES are numbers with commas between. Prints wall seconds, processor seconds, peak memory in KiB
and the exit code (negative: the signal) on standard output, which the program does not get.
"""

import os
import sys
import time

cores = set(map(int, sys.argv[1].split(",")))
command = sys.argv[2:]
started = time.perf_counter()
child = os.fork()
if child == 0:
    os.sched_setaffinity(0, cores)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.execvp(command[0], command)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - started
cpu = usage.ru_utime + usage.ru_stime
print(wall, cpu, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
