"""Code as HTML."""

from redislua_kernel.render.code import code_html, diff_html, diff_lines


def test_code_is_escaped_coloured_and_numbered() -> None:
    html = code_html(
        [("keyword", "return"), ("", " "), ("string", "'<b>'"), ("", "\n")], 'a "name"'
    )
    assert "'&lt;b&gt;'".replace("'", "&#x27;") in html
    assert "--jp-mirror-editor-keyword-color" in html
    assert ">1</pre>" in html
    assert ">1\n2</pre>" in code_html([("", "a\nb")], "two lines")
    assert 'aria-label="a &quot;name&quot;"' in html


def test_a_difference_tells_what_goes_and_what_comes() -> None:
    lines = diff_lines("same\nold <i>\n", "same\nnew\n")
    assert lines == ["@@ -1,2 +1,2 @@", " same", "-old <i>", "+new"]
    html = diff_html(lines, "what differs")
    assert 'title="removed"' in html
    assert "-old &lt;i&gt;" in html
    assert diff_lines("same", "same") == []
