// The page of `dbnbench report`. A heading's button sorts each group of its table, another press the other way round; what
// is no number comes last. A button opens all tables of a section. The page's policy lets only this script run, known by
// its digest, which the Makefile works out.
document.querySelectorAll('th').forEach(function (heading) {
    var button = document.createElement('button'), column = heading.cellIndex;
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    var text = function (row) { return row.cells[column].textContent; };
    var number = function (row) { return parseFloat(text(row).replace('~', '')); };
    button.onclick = function () {
        var table = heading.closest('table'), order = heading.getAttribute('aria-sort') === 'descending' ? 1 : -1;
        table.querySelectorAll('th').forEach(function (other) { other.removeAttribute('aria-sort'); });
        heading.setAttribute('aria-sort', order < 0 ? 'descending' : 'ascending');
        Array.from(table.tBodies).forEach(function (body) {
            Array.from(body.rows).sort(function (p, q) {
                var x = number(p), y = number(q);
                if (!heading.classList.contains('n'))
                    return -order * text(p).localeCompare(text(q));
                return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : order * (x - y);
            }).forEach(function (row) { body.appendChild(row); });
        });
    };
});
document.querySelectorAll('section').forEach(function (section) {
    var all = section.querySelectorAll('details'), button = document.createElement('button');
    if (all.length < 2)
        return;
    button.className = 'fold';
    button.textContent = 'open all';
    button.onclick = function () {
        var open = !all[0].open;
        all.forEach(function (one) { one.open = open; });
        button.textContent = open ? 'close all' : 'open all';
    };
    section.insertBefore(button, all[0]);
});
