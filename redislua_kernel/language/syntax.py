"""How commands are written whose Python signature cannot tell: those that read words themselves.

Alternatives stand as `A | B`, what may be left out in [brackets], and … repeats what is before it.
Every other command's syntax is made from its signature (see `documentation.command_usage`).
"""

from __future__ import annotations

__all__ = ["SYNTAX"]

_EXPIRY = "EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds"
_FIELDS = "FIELDS numfields field [field ...]"
_CONDITION = "[NX | XX | GT | LT]"
_LIMIT = "[LIMIT offset count]"
_SCAN = "cursor [MATCH pattern] [COUNT count]"
_CALL = "numkeys [key ...] [arg ...]"
_AGGREGATE = "[WEIGHTS weight ...] [AGGREGATE SUM | MIN | MAX]"
_TRIM = "MAXLEN | MINID [= | ~] threshold [LIMIT count]"
_REFERENCES = "[KEEPREF | DELREF | ACKED]"
_SORT = "key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA]"
_CENTRE = "FROMMEMBER member | FROMLONLAT longitude latitude"
_AREA = "BYRADIUS radius unit | BYBOX width height unit"
_RADIUS = (
    "radius M | KM | FT | MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]"
)
_FILTERS = "[ID id ...] [TYPE NORMAL | MASTER | REPLICA | PUBSUB]"

#: A command's name, and the words after it.
SYNTAX = {
    "BGSAVE": "[SCHEDULE]",
    "BITCOUNT": "key [start end [BYTE | BIT]]",
    "BITFIELD": "key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value"
    " | INCRBY type offset increment ...]",
    "BITFIELD_RO": "key [GET type offset ...]",
    "BITOP": "AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE destkey key [key ...]",
    "BITPOS": "key bit [start [end [BYTE | BIT]]]",
    "BLMPOP": "timeout numkeys key [key ...] LEFT | RIGHT [COUNT count]",
    "BLPOP": "key [key ...] timeout",
    "BRPOP": "key [key ...] timeout",
    "BZMPOP": "timeout numkeys key [key ...] MIN | MAX [COUNT count]",
    "BZPOPMAX": "key [key ...] timeout",
    "BZPOPMIN": "key [key ...] timeout",
    "CLIENT CACHING": "YES | NO",
    "CLIENT LIST": _FILTERS,
    "CLIENT NO-EVICT": "ON | OFF",
    "CLIENT NO-TOUCH": "ON | OFF",
    "CLIENT PAUSE": "milliseconds [WRITE | ALL]",
    "CLIENT REPLY": "ON | OFF | SKIP",
    "CLIENT TRACKING": "ON | OFF [REDIRECT client-id] [PREFIX prefix ...] [BCAST]"
    " [OPTIN | OPTOUT] [NOLOOP]",
    "CLIENT UNBLOCK": "client-id [TIMEOUT | ERROR]",
    "COMMAND DOCS": "[command ...]",
    "COMMAND GETKEYS": "command [arg ...]",
    "COMMAND GETKEYSANDFLAGS": "command [arg ...]",
    "COMMAND INFO": "[command ...]",
    "COMMAND LIST": "[FILTERBY MODULE name | ACLCAT category | PATTERN pattern]",
    "CONFIG GET": "parameter [parameter ...]",
    "CONFIG SET": "parameter value [parameter value ...]",
    "EVAL": f"script {_CALL}",
    "EVALSHA": f"sha1 {_CALL}",
    "EVALSHA_RO": f"sha1 {_CALL}",
    "EVAL_RO": f"script {_CALL}",
    "EXPIRE": f"key seconds {_CONDITION}",
    "EXPIREAT": f"key unix-seconds {_CONDITION}",
    "FCALL": f"function {_CALL}",
    "FCALL_RO": f"function {_CALL}",
    "FLUSHALL": "[ASYNC | SYNC]",
    "FLUSHDB": "[ASYNC | SYNC]",
    "FUNCTION FLUSH": "[ASYNC | SYNC]",
    "FUNCTION LIST": "[LIBRARYNAME pattern] [WITHCODE]",
    "FUNCTION LOAD": "[REPLACE] code",
    "FUNCTION RESTORE": "payload [FLUSH | APPEND | REPLACE]",
    "GEOADD": "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
    "GEODIST": "key member1 member2 [M | KM | FT | MI]",
    "GEORADIUS": f"key longitude latitude {_RADIUS} [STORE key | STOREDIST key]",
    "GEORADIUSBYMEMBER": f"key member {_RADIUS} [STORE key | STOREDIST key]",
    "GEORADIUSBYMEMBER_RO": f"key member {_RADIUS}",
    "GEORADIUS_RO": f"key longitude latitude {_RADIUS}",
    "GEOSEARCH": f"key {_CENTRE} {_AREA} [ASC | DESC] [COUNT count [ANY]]"
    " [WITHCOORD] [WITHDIST] [WITHHASH]",
    "GEOSEARCHSTORE": f"destination source {_CENTRE} {_AREA} [ASC | DESC] [COUNT count [ANY]]"
    " [STOREDIST]",
    "GETEX": f"key [{_EXPIRY} | PERSIST]",
    "HELLO": "[protover [AUTH username password] [SETNAME clientname]]",
    "HEXPIRE": f"key seconds {_CONDITION} {_FIELDS}",
    "HEXPIREAT": f"key unix-seconds {_CONDITION} {_FIELDS}",
    "HEXPIRETIME": f"key {_FIELDS}",
    "HGETDEL": f"key {_FIELDS}",
    "HGETEX": f"key [{_EXPIRY} | PERSIST] {_FIELDS}",
    "HMSET": "key field value [field value ...]",
    "HPERSIST": f"key {_FIELDS}",
    "HPEXPIRE": f"key milliseconds {_CONDITION} {_FIELDS}",
    "HPEXPIREAT": f"key unix-milliseconds {_CONDITION} {_FIELDS}",
    "HPEXPIRETIME": f"key {_FIELDS}",
    "HPTTL": f"key {_FIELDS}",
    "HRANDFIELD": "key [count [WITHVALUES]]",
    "HSCAN": f"key {_SCAN} [NOVALUES]",
    "HSET": "key field value [field value ...]",
    "HSETEX": f"key [FNX | FXX] [{_EXPIRY} | KEEPTTL]"
    " FIELDS numfields field value [field value ...]",
    "HTTL": f"key {_FIELDS}",
    "INFO": "[section ...]",
    "LMPOP": "numkeys key [key ...] LEFT | RIGHT [COUNT count]",
    "LPOS": "key element [RANK rank] [COUNT count] [MAXLEN length]",
    "MEMORY USAGE": "key [SAMPLES count]",
    "MSET": "key value [key value ...]",
    "MSETNX": "key value [key value ...]",
    "PEXPIRE": f"key milliseconds {_CONDITION}",
    "PEXPIREAT": f"key unix-milliseconds {_CONDITION}",
    "PFCOUNT": "key [key ...]",
    "PFMERGE": "destkey [sourcekey ...]",
    "PUBSUB CHANNELS": "[pattern]",
    "PUBSUB SHARDCHANNELS": "[pattern]",
    "REPLICAOF": "host port | NO ONE",
    "RESTORE": "key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
    "RESTORE-ASKING": "key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
    "SCAN": f"{_SCAN} [TYPE type]",
    "SCRIPT FLUSH": "[ASYNC | SYNC]",
    "SET": f"key value [NX | XX] [GET] [{_EXPIRY} | KEEPTTL]",
    "SHUTDOWN": "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
    "SINTERCARD": "numkeys key [key ...] [LIMIT limit]",
    "SORT": f"{_SORT} [STORE destination]",
    "SORT_RO": _SORT,
    "SPOP": "key [count]",
    "SRANDMEMBER": "key [count]",
    "SSCAN": f"key {_SCAN}",
    "XACK": "key group id [id ...]",
    "XACKDEL": f"key group {_REFERENCES} IDS numids id [id ...]",
    "XADD": f"key [NOMKSTREAM] {_REFERENCES} [{_TRIM}] * | id field value [field value ...]",
    "XAUTOCLAIM": "key group consumer min-idle-time start [COUNT count] [JUSTID]",
    "XCLAIM": "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-ms]"
    " [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]",
    "XDEL": "key id [id ...]",
    "XDELEX": f"key {_REFERENCES} IDS numids id [id ...]",
    "XGROUP CREATE": "key group id | $ [MKSTREAM] [ENTRIESREAD count]",
    "XGROUP SETID": "key group id | $ [ENTRIESREAD count]",
    "XINFO STREAM": "key [FULL [COUNT count]]",
    "XPENDING": "key group [[IDLE min-idle-time] start end count [consumer]]",
    "XRANGE": "key start end [COUNT count]",
    "XREAD": "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
    "XREADGROUP": "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK]"
    " STREAMS key [key ...] id [id ...]",
    "XREVRANGE": "key end start [COUNT count]",
    "XSETID": "key last-id [ENTRIESADDED count] [MAXDELETEDID id]",
    "XTRIM": f"key {_TRIM} {_REFERENCES}",
    "ZADD": "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
    "ZDIFF": "numkeys key [key ...] [WITHSCORES]",
    "ZDIFFSTORE": "destination numkeys key [key ...]",
    "ZINTER": f"numkeys key [key ...] {_AGGREGATE} [WITHSCORES]",
    "ZINTERCARD": "numkeys key [key ...] [LIMIT limit]",
    "ZINTERSTORE": f"destination numkeys key [key ...] {_AGGREGATE}",
    "ZMPOP": "numkeys key [key ...] MIN | MAX [COUNT count]",
    "ZPOPMAX": "key [count]",
    "ZPOPMIN": "key [count]",
    "ZRANDMEMBER": "key [count [WITHSCORES]]",
    "ZRANGE": f"key start stop [BYSCORE | BYLEX] [REV] {_LIMIT} [WITHSCORES]",
    "ZRANGEBYLEX": f"key min max {_LIMIT}",
    "ZRANGEBYSCORE": f"key min max [WITHSCORES] {_LIMIT}",
    "ZRANGESTORE": f"destination source min max [BYSCORE | BYLEX] [REV] {_LIMIT}",
    "ZRANK": "key member [WITHSCORE]",
    "ZREVRANGE": "key start stop [WITHSCORES]",
    "ZREVRANGEBYLEX": f"key max min {_LIMIT}",
    "ZREVRANGEBYSCORE": f"key max min [WITHSCORES] {_LIMIT}",
    "ZREVRANK": "key member [WITHSCORE]",
    "ZSCAN": f"key {_SCAN}",
    "ZUNION": f"numkeys key [key ...] {_AGGREGATE} [WITHSCORES]",
    "ZUNIONSTORE": f"destination numkeys key [key ...] {_AGGREGATE}",
}
