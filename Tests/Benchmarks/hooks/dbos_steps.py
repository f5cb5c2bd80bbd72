"""The three steps of the benchmark with DBOS on SQLite: prints workflows a second and the version of DBOS."""
import importlib.metadata
import logging
import sys
import time

from dbos import DBOS, SetWorkflowID

COUNT = 400


@DBOS.step()
def first():
    return 1


@DBOS.step()
def second(value):
    return value + 1


@DBOS.step()
def third(value):
    return value + 1


@DBOS.workflow()
def three(event):
    return third(second(first()))


def main(folder):
    DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{folder}/dbos.sqlite", "log_level": "ERROR",
                 "run_admin_server": False, "max_executor_threads": 128})
    DBOS.launch()
    logging.disable(logging.CRITICAL)
    began = time.perf_counter()
    handles = []
    for number in range(COUNT):
        # As an event's number makes its run one.
        with SetWorkflowID(f"event-{number}"):
            handles.append(DBOS.start_workflow(three, {"note": "x" * 700, "id": number}))
    assert all(handle.get_result() == 3 for handle in handles)
    print(f"{COUNT / (time.perf_counter() - began):.1f} {importlib.metadata.version('dbos')}")
    DBOS.destroy()


if __name__ == "__main__":
    main(sys.argv[1])
