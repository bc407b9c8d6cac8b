# The same cases in run after run, a line a case.
# series, name, run, when, rate, low, high
array names[rows + 1]
runs = 0; lowest = 1e300; highest = 0
set table $unused
plot data skip 1 using (names[int(column(1)) + 1] = strcol(2), \
    runs = int(column(3)) + 1 > runs ? int(column(3)) + 1 : runs, \
    lowest = column(6) < lowest ? column(6) : lowest, highest = column(7) > highest ? column(7) : highest, 0) with table
unset table
set ylabel 'million records a second'
set logscale y
set format y '%g'
if (runs > 5) { set xtics rotate by -30; set bmargin 6; set rmargin 12 }
set xrange [-0.4 : runs - 0.6]
set yrange [lowest / 1.4 : highest * 1.4]
if (highest / lowest < 12) { unset logscale y; set yrange [0 : highest * 1.08] }
every_nth = runs > 12 ? int(ceil(runs / 12.0)) : 1
label(i, when) = int(i) % every_nth ? '' : when
of(series, value) = int(column(1)) == series ? value : NaN
set key on outside right center vertical
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 0 : rows - 1] data skip 1 using 3:(of(i, column(5))):xtic(label(column(3), strcol(4))) with lines \
             lw 1.6 lc rgb colour(i), \
        for [i = 0 : rows - 1] data skip 1 using 3:(of(i, column(5))):6:7 with yerrorbars pt shape(i) ps 1.1 lw 1.6 \
             lc rgb colour(i) title names[i + 1]
    unset output
}
