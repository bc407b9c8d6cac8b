# What all pictures share. `name` is set before, and `heading` may be: data come from NAME.tsv, pictures go to NAME.svg
# and NAME.png.
#
#   gnuplot -d -e "name='throughput-1'" common.gp throughput.gp
#
# Colours are those of Okabe and Ito, which colour-blind people can tell apart; shapes differ as well. Text of the data
# is only ever shown: `noenhanced` keeps it from being marked up.
set encoding utf8
set datafile separator "\t"
set datafile commentschars ""
set datafile missing "NaN"
data = name.".tsv"
ink = '#202124'
faint = '#9a9ca0'
array colours[8] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#7F7F7F', '#A07800']
array shapes[8] = [7, 5, 9, 13, 11, 15, 4, 6]
colour(i) = colours[int(i) % 8 + 1]
shape(i) = shapes[int(i) % 8 + 1]

# start(1) and start(2) begin the picture of each kind; what is drawn in between is the same.
width = 760
height = 450
start(kind) = kind == 1 ? \
    sprintf("set terminal svg size %d,%d dynamic noenhanced font 'DejaVu Sans,13' background rgb '#ffffff'; \
             set output '%s.svg'", width, height, name) : \
    sprintf("set terminal pngcairo size %d,%d noenhanced font 'DejaVu Sans,10' background rgb '#ffffff'; \
             set output '%s.png'", width, height, name)

set border 3 lc rgb ink lw 1
set tics nomirror textcolor rgb ink
set grid lc rgb faint lw 0.7 dt 2
if (!exists('heading')) { heading = name }
set title heading textcolor rgb ink
set xlabel textcolor rgb ink
set ylabel textcolor rgb ink
set key textcolor rgb ink noautotitle

# A key above the whole picture, an entry at a time: gnuplot's own silently loses what does not fit above the axes.
entry(i, x, text, point, which) = sprintf("set label %d \"%s\" at screen %g, screen %g left offset 1.2, 0 \
    textcolor rgb '%s' point pt %d ps 1.1 lw 1.6 lc rgb '%s'", 100 + i, text, x, 1 - 18.0 / height, ink, point, which)
set key off

# Rows are numbered from 0, and the first is at the top.
rows = 0
set table $unused
plot data skip 1 using (rows = int(column(1)) + 1 > rows ? int(column(1)) + 1 : rows, 0) with table
unset table
