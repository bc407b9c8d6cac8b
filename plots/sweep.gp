# Throughput by block size, a line a series.
# series, name, block, rate, low, high
array names[rows + 1]
least = 1e300; most = 0
set table $unused
plot data skip 1 using (names[int(column(1)) + 1] = strcol(2), least = column(3) < least ? column(3) : least, \
    most = column(3) > most ? column(3) : most, 0) with table
unset table
set logscale x 2
set xlabel 'bytes asked for at a time'
set ylabel 'million records a second'
set yrange [0 : *]
set xrange [least / 1.4 : most * 1.4]
bytes(b) = b >= 2 ** 20 ? sprintf('%gM', b / 2.0 ** 20) : b >= 1024 ? sprintf('%gK', b / 1024.0) : sprintf('%g', b)
of(series, value) = int(column(1)) == series ? value : NaN
set key on outside right center vertical
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 0 : rows - 1] data skip 1 using 3:(of(i, column(4))):xtic(bytes(column(3))) with lines lw 1.6 \
             lc rgb colour(i), \
        for [i = 0 : rows - 1] data skip 1 using 3:(of(i, column(4))):5:6 with yerrorbars pt shape(i) ps 1.1 lw 1.6 \
             lc rgb colour(i) title names[i + 1]
    unset output
}
