# The same cases in run after run, a line a case.
# run, when, then for each case: its name as the header of its medians, low, high
stats data skip 1 using 1 nooutput
columns = int(STATS_columns)
set ylabel 'million records a second'
set logscale y
set format y '%g'
if (rows > 5) { set xtics rotate by -30; set bmargin 6; set rmargin 12 }
lowest = 1e300; highest = 0
do for [i = 3 : columns : 3] {
    stats data skip 1 using (column(i + 1)):(column(i + 2)) nooutput
    if (STATS_records > 0) {
        lowest = STATS_min_x < lowest ? STATS_min_x : lowest
        highest = STATS_max_y > highest ? STATS_max_y : highest
    }
}
set xrange [-0.4 : rows - 0.6]
set yrange [lowest / 1.4 : highest * 1.4]
if (highest / lowest < 12) { unset logscale y; set yrange [0 : highest * 1.08] }
every_nth = rows > 12 ? int(ceil(rows / 12.0)) : 1
label(i, when) = int(i) % every_nth ? '' : when
set key on outside right center vertical
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 3 : columns : 3] data skip 1 using 1:(column(i)):xtic(label(column(1), strcol(2))) with lines lw 1.6 \
             lc rgb colour((i - 3) / 3), \
        for [i = 3 : columns : 3] data using 1:i:i + 1:i + 2 with yerrorbars pt shape((i - 3) / 3) ps 1.1 lw 1.6 \
             lc rgb colour((i - 3) / 3) title columnheader(i)
    unset output
}
