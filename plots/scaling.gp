# Throughput by threads, and what models make of it; a model that is NaN everywhere is not drawn.
# threads, measured, low, high, capacity, amdahl, usl, simulated
set xlabel 'threads'
set ylabel 'million records a second'
set yrange [0 : *]
stats data skip 1 using 1 nooutput
set xrange [STATS_min - 0.3 : STATS_max + 0.3]
set key tmargin center horizontal samplen 2.5
array model[8] = ['', '', '', '', 'capacity', 'Amdahl', 'USL', 'simulated']
array dashes[8] = [1, 1, 1, 1, 2, 4, 5, 3]
array known[8]
array integer[2] = [0, 0]
do for [i = 5 : 8] {
    n = 0
    set table $unused
    plot data skip 1 using (column(i) == column(i) ? n = n + 1 : 0, 0) with table
    unset table
    known[i] = n
}
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 5 : 8] data skip 1 using 1:(column(i)):xtic(1) with lines lw 2 dt dashes[i] lc rgb colour(i - 4) \
             title (known[i] ? model[i].(i == 5 ? '' : ' (model)') : ''), \
         data skip 1 using 1:2:3:4:xtic(1) with yerrorbars pt 7 ps 1.2 lw 1.6 lc rgb '#0072B2' title 'measured, interval'
    unset output
}
