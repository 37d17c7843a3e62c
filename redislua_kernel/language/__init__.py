"""Lua as the notebook's language: tokens, trees, completion, help, lint. It runs nothing.

- `lexer`: tokens, also of unfinished text; `pieces`: for who colours them; `calls`: a script that
  is one command;
- `tree`: syntax trees, alone imports tree-sitter; `scopes`: which name means which variable;
  `names`: the same at one place, also of a half-written cell;
- `completion`: what may stand at the cursor, `command_words`: in a command, `matches`: the values,
  `quoting`: how bytes are written there;
- `documentation`: of commands and Lua, `local_names`: of a script's own names; `library`: what Lua
  has in scripts, `syntax`: how irregular commands are written, `replies`: what they give to Lua;
- `lint`: what a script says and probably does not mean.
"""
