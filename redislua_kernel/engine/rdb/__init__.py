"""Values as bytes, in the format of RDB files: what DUMP and FUNCTION DUMP give, and SAVE writes.

- `snapshot`: a whole file, of all keys and libraries;
- `payload`: the version and the checksum round a payload; `values`: a whole value, of any type;
- `strings`, `lists`, `sets`, `sorted_sets`, `hashes`, `streams`, `libraries`: one type each;
- `reader`, `writer`: lengths, strings and numbers; `crc64`, `lzf`: their checksum, compression;
- `listpack`, `intset`: the packed forms that small collections are kept in by the reference;
  `ziplist`, `zipmap`: those of older servers, only read.

What is written is what redis-server 8.2.3 writes for the same value in the same encoding, but for
the order of what has none. What is read goes back to Redis 2.2. Whatever is damaged raises
`Corrupt`: the reference's optional checks (sanitize-dump-payload) are always made here.
"""
