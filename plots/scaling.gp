# Throughput by threads: points with intervals, what the machine would have given, and a model, up to twice the cores.
# series, backend, threads, text, rate, low, high, capacity, model, name's height
last = 1; measured = 1; series = 0
set table $unused
plot data skip 1 using (last = $3 > last ? $3 : last, series = $1 > series ? int($1) : series, 0) with table
plot data skip 1 using (column(5) == column(5) && $3 > measured ? (measured = $3) : 0, 0) with table
do for [c = 7:10] { plot data skip 1 using (see(column(c)), 0) with table }
unset table
width = 332; height = 300; columns = 3
set logscale x 2
set grid noxtics ytics
set ytics scale 0 0, round_up(most / 5), most format '%g' textcolor rgb dim font 'DejaVu Sans,12'
set xrange [0.8 : last * 4]
set yrange [0 : most * 1.05]
set xtics 1, 2, last
do for [kind = WIDE:PNG] {
    eval start(kind)
    eval frame(40, 4, 70, 40)
    eval dash(0, '95 % interval', 'lc rgb ink lw 1.6')
    eval dash(1, 'machine', 'lc rgb ink lw 1 dt (7, 3)')
    eval dash(2, 'model', 'lc rgb ink lw 1.4 dt (2, 3)')
    set label 'threads' at graph 0, screen Y(height - 10) left textcolor rgb dim font 'DejaVu Sans,12'
    if (last > measured) {
        set object rectangle from measured * 1.3, graph 0 to last * 1.2, graph 1 behind fc rgb soft fs solid noborder
        set label 'model only' at last * 1.15, graph 0.05 right textcolor rgb dim font 'DejaVu Sans,11'
    }
    set arrow from graph 0, 0 to graph 1, 0 nohead front lc rgb dim lw 1
    plot for [i = 0:series] data skip 1 using ($1 == i ? $3 : NaN):9 with lines lw 1.4 dt (2, 3) lc rgb colour(i), \
         for [i = 0:series] data skip 1 using ($1 == i ? $3 * 0.9 : NaN):8:($3 * 0.22):(0) with vectors nohead lw 1.2 dt (7, 3) \
             lc rgb colour(i), \
         for [i = 0:series] data skip 1 using ($1 == i ? $3 * (1 + 0.03 * (i - series / 2.0)) : NaN):5:6:7 with yerrorbars \
             pt shape(i) ps 0.9 lw 1.6 lc rgb colour(i), \
         for [i = 0:series] data skip 1 using ($1 == i && column(10) == column(10) ? last * 1.25 : NaN):10:2 with labels left \
             textcolor rgb colour(i)
    unset output
}
