"""What commands tell of themselves: COMMAND and its subcommands, and the categories of ACL.

describing  what COMMAND INFO and COMMAND DOCS tell of a command, from its registration
arguments   its arguments, where its signature does not tell them: arguments.txt
key_specs   where its keys are; key_flags: what it does with them
tips        what clients of a cluster should do with its calls and replies
    help        the replies of the HELP subcommands
"""
