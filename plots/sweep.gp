# Throughput by block size, a line a backend.
# block, then for each backend: its name as the header of its medians, low, high
stats data skip 1 using 1 nooutput
columns = int(STATS_columns)
set logscale x 2
set xlabel 'bytes asked for at a time'
set ylabel 'million records a second'
set yrange [0 : *]
set xrange [STATS_min / 1.4 : STATS_max * 1.4]
bytes(b) = b >= 2 ** 20 ? sprintf('%gM', b / 2.0 ** 20) : b >= 1024 ? sprintf('%gK', b / 1024.0) : sprintf('%g', b)
set key on outside right center vertical
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 2 : columns : 3] data skip 1 using 1:i:xtic(bytes(column(1))) with lines lw 1.6 \
             lc rgb colour((i - 2) / 3), \
        for [i = 2 : columns : 3] data using 1:i:i + 1:i + 2 with yerrorbars pt shape((i - 2) / 3) ps 1.1 lw 1.6 \
             lc rgb colour((i - 2) / 3) title columnheader(i)
    unset output
}
