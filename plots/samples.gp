# Every sample, from 0; within a row the first round is at the top. The upright line is the median.
# row, label, median, ours, round, rounds, time, time's median
set table $unused
plot data skip 1 using (count(column(1), strcol(2)), see(column(7)), 0) with table
unset table
width = 332
height = 44 + 46 * rows + 30
do for [kind = WIDE:PNG] {
    eval start(kind)
    eval frame(4, 12, 44, 30)
    set xrange [0 : most * 1.02]
    set yrange [rows - 0.5 : -0.5]
    eval ticks(most, 5)
    set arrow from 0, graph 0 to 0, graph 1 nohead front lc rgb dim lw 1
    first(round, text) = round == 0 ? text : ''
    plot data skip 1 using 7:($1 - 0.02 + 0.4 * ($5 + 0.5) / $6):($4 == 1 ? ours : theirs) with points pt 7 ps 0.5 lc rgb variable, \
         data skip 1 using 8:($1 - 0.02):(0):(0.4) with vectors nohead lw 1.6 lc rgb ink, \
         data skip 1 using (0):($1 - 0.25):(first($5, strcol(2))) with labels left offset 0.4, 0 textcolor rgb ink, \
         data skip 1 using (most * 1.02):($1 - 0.25):(first($5, strcol(3))) with labels right font bold(13) textcolor rgb ink
    unset output
}
