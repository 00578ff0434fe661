"""Who answers Ctrl-C while the library works."""
import signal
import threading


def takes_signals():
    """Whether Ctrl-C may end the work: in the main thread, unless somebody else handles it."""
    return (threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler)
