/* Every sink, in the order of all tables. SINK(name) stands for `const struct sink sink_name`. */
SINK(none)
SINK(touch)
SINK(frame)
SINK(sum)
SINK(fields)
SINK(rows)
