"""상자 안의 프로세스가 부를 수 없는 시스템 호출(seccomp). ``runner``가 학생의 코드보다 먼저 스스로 건다.

한 번 걸면 풀 수 없고, 낳는 프로세스에게 물려준다. 이름 공간만으로는 막을 수 없거나 한계에 세어지지 않는 것만 적는다.
bubblewrap의 ``--seccomp``도 같은 일을 하지만, 여기서 걸면 상자가 없는 채점에서도 걸린다. 파이썬의 libseccomp 묶음
(pyseccomp)은 2021년에 멈추었다.
"""

import ctypes
import errno
import platform
import signal
import struct
import sys

# 이름 → (x86_64의 번호, aarch64의 번호)
DENIED = {
    # 상자가 끝나도 남는 키
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # 새 이름 공간과 마운트. 루트의 상자는 --disable-userns를 쓸 수 없으므로 여기서 막는다
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    # 남의 메모리와 서술자
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "open_by_handle_at": (304, 265),
    # 커널의 허점이 자주 나오는 곳
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    # 어느 프로세스의 메모리로도 세어지지 않는 메모리
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
}
CLONE, CLONE3, SIGACTION, MMAP = (56, 220), (435, 435), (13, 134), (9, 222)
NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
ARCHITECTURES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}
X32 = 0x4000_0000  # x86_64에 숨은 다른 번호들

LOAD, EQUAL, AT_LEAST, HAS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
NUMBER, ARCHITECTURE = 0, 4


def argument(place):
    """``place``번째 인수의 아래 32비트가 있는 자리."""
    return 16 + 8 * place


def supported():
    return sys.platform == "linux" and platform.machine() in ARCHITECTURES


def program():
    """필터(BPF)의 바이트. 명령 하나는 (할 일, 참이면 건너뛸 수, 거짓이면 건너뛸 수, 값)이다."""
    place, architecture = ARCHITECTURES[platform.machine()]
    refuse = (RETURN, 0, 0, ERRNO | errno.EPERM)
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),  # 32비트의 호출
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
    ]
    for numbers in DENIED.values():
        steps += [(EQUAL, 0, 1, numbers[place]), refuse]
    # glibc는 clone3이 없다고 하면 clone을 쓴다. clone3의 인수는 필터가 읽을 수 없는 곳에 있다.
    steps += [(EQUAL, 0, 1, CLONE3[place]), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    steps += [
        (EQUAL, 0, 4, CLONE[place]),
        (LOAD, 0, 0, argument(0)),
        (HAS, 0, 1, NEW_NAMESPACES),
        refuse,
        (RETURN, 0, 0, ALLOW),
    ]
    # SIGCHLD를 무시하면 끝난 자식이 쓴 CPU가 세어지지 않는다.
    steps += [
        (EQUAL, 0, 4, SIGACTION[place]),
        (LOAD, 0, 0, argument(0)),
        (EQUAL, 0, 1, signal.SIGCHLD),
        refuse,
        (RETURN, 0, 0, ALLOW),
    ]
    # 이름 없이 나누어 쓰는 메모리(MAP_SHARED | MAP_ANONYMOUS)는 돌려준 척하고 계속 쥐고 있을 수 있다.
    steps += [
        (EQUAL, 0, 4, MMAP[place]),
        (LOAD, 0, 0, argument(3)),
        (HAS, 0, 2, 0x20),
        (HAS, 0, 1, 0x01),
        refuse,
    ]
    steps += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def install():
    """지금 프로세스와 앞으로 낳을 프로세스에 건다."""
    code = program()
    held = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, by_filter = 38, 22, 2
    given = Program(len(code) // 8, ctypes.addressof(held))
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(seccomp, by_filter, ctypes.byref(given), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp 필터를 걸지 못했습니다.")
