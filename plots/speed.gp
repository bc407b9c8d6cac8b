# How fast each is: bars from 0 with their intervals, and a dashed line where the machine's limit is.
# row, label, ours, value, ratio, rate, low, high, limit, limit's name
foreign = 0; limit = NaN; limit_is = ''
set table $unused
plot data skip 1 using (count(column(1), strcol(2)), foreign = foreign + (column(3) == 0), 0) with table
plot data skip 1 using (see(column(6)), see(column(8)), 0) with table
plot data skip 1 using (column(9) == column(9) ? (limit = column(9), limit_is = strcol(10), see(limit)) : 0, 0) with table
unset table
end(rate) = rate > limit - 95 * unit && rate <= limit ? limit : rate # a number does not stand on the line
do for [kind = 1:3] {
    narrow = kind == NARROW
    width = wide_or_narrow(kind, 720, 352)
    columns = wide_or_narrow(kind, 4, 2)
    left = narrow ? 4 : 14 + 7.7 * (longest < 40 ? longest : 40)
    entries = 1 + 2 * (foreign > 0)
    top = key_end(entries) + 26
    height = top + (narrow ? 38 : 27) * rows + 30
    eval start(kind)
    eval frame(left, 4, top, 30)
    if (foreign) {
        eval patch(0, 'dbnbench', ours)
        eval patch(1, 'decoders of others', theirs)
    }
    eval dash(entries - 1, '95 % interval', 'lc rgb ink lw 1.2')
    unit = most / (width - left - 104) # a pixel
    set xrange [0 : most + 100 * unit]
    eval ticks(most, narrow ? 4 : 6)
    set yrange [rows - 0.5 : -0.5]
    middle = narrow ? 0.22 : 0; half = narrow ? 0.22 : 0.33
    set arrow from 0, graph 0 to 0, graph 1 nohead front lc rgb dim lw 1
    if (limit == limit) {
        set arrow from limit, graph 0 to limit, graph 1 nohead front lc rgb ink lw 1.4 dt (5, 3)
        set label limit_is at limit, graph 1 right offset 0.5, 0.7 textcolor rgb ink font bold(12)
    }
    plot data skip 1 using (column(6) / 2):($1 + middle):(0):6:($1 + middle - half):($1 + middle + half):($3 == 1 ? ours : theirs) \
             with boxxyerror lc rgb variable, \
         data skip 1 using 6:($1 + middle):7:8 with xerrorbars pt 0 lw 1.2 lc rgb ink, \
         data skip 1 using (end(column(8))):($1 + middle):4 with labels left offset 0.7, 0 font bold(13) textcolor rgb ink, \
         data skip 1 using (end(column(8)) + unit * (14 + 8.5 * strlen(strcol(4)))):($1 + middle):5 with labels left \
             font 'DejaVu Sans,12' textcolor rgb dim, \
         for [own = 0:1] data skip 1 using (narrow && $3 == own ? 0 : NaN):($1 - 0.22):2 with labels left offset 0.4, 0 \
             font own ? bold(13) : 'DejaVu Sans,13' textcolor rgb ink, \
         for [own = 0:1] data skip 1 using (!narrow && $3 == own ? 0 : NaN):1:2 with labels right offset -0.8, 0 \
             font own ? bold(13) : 'DejaVu Sans,13' textcolor rgb ink
    unset output
}
