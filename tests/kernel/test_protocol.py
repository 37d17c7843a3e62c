"""What jupyter_kernel_test asks of every kernel; nothing is skipped."""

from typing import Any, ClassVar

import jupyter_kernel_test


class TestProtocol(jupyter_kernel_test.KernelTests):  # type: ignore[misc]
    kernel_name = "redislua"
    language_name = "lua"
    file_extension = ".lua"

    code_hello_world = "redis.log(redis.LOG_NOTICE, 'hello, world')"
    code_stderr = "redis.log(redis.LOG_WARNING, 'a warning')"
    code_page_something = "redis.call?"
    code_generate_error = "return redis.call('NOPE')"
    code_clear_output = "%clear_output"
    code_inspect_sample = "redis.call"
    code_history_pattern = "1+1"
    code_display_data: ClassVar[list[dict[str, str]]] = [{"code": "%help", "mime": "text/html"}]
    code_execute_result: ClassVar[list[dict[str, str]]] = [
        {"code": "1+1", "result": "(integer) 2"},
        {"code": "return {'a'}", "result": '1) "a"'},
        {"code": "1+1+1", "mime": "text/html"},
        {"code": "1+1+2", "mime": "application/json"},
    ]
    supported_history_operations = ("tail", "range", "search")
    completion_samples: ClassVar[list[dict[str, Any]]] = [
        {"text": "redis.LOG_V", "matches": {"LOG_VERBOSE"}},
        {"text": "%%scr", "matches": {"%%script load"}},
        {"text": "redis.call('GETD", "matches": {"GETDEL"}},
    ]
    complete_code_samples: ClassVar[list[str]] = [
        "", "return 1", "1+1", "%redis PING", "local f = function() end",
        "#!lua name=x\nredis.register_function('f', function() end)", "%%redis\nPING\n",
    ]  # fmt: skip
    incomplete_code_samples: ClassVar[list[str]] = [
        "for i = 1, 2 do", "local s = [[", "return redis.call(", "if x then", "%%redis\nPING",
        "%%eval k", "-- [[\nlocal function f()",
    ]  # fmt: skip
    invalid_code_samples: ClassVar[list[str]] = ["x = = 1", "end", "%keys 'a", "return 'a\n"]
