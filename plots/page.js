// The page of `dbnbench report`: a click on a heading sorts by its column, another one the other way round. What is no
// number comes last. The page's policy lets only this script run, known by its digest, which the Makefile works out.
document.querySelectorAll('th').forEach(function (heading) {
    heading.tabIndex = 0;
    heading.onclick = function () {
        var body = heading.closest('table').tBodies[0], column = heading.cellIndex;
        var order = heading.getAttribute('aria-sort') === 'descending' ? 1 : -1;
        heading.parentNode.querySelectorAll('th').forEach(function (other) { other.removeAttribute('aria-sort'); });
        heading.setAttribute('aria-sort', order < 0 ? 'descending' : 'ascending');
        var text = function (row) { return row.cells[column].textContent; };
        var number = function (row) { return parseFloat(text(row).replace('~', '')); };
        Array.from(body.rows).sort(function (p, q) {
            var x = number(p), y = number(q);
            if (heading.className !== 'n')
                return -order * text(p).localeCompare(text(q));
            return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : order * (x - y);
        }).forEach(function (row) { body.appendChild(row); });
    };
    heading.onkeydown = function (event) { if (event.key === 'Enter') heading.onclick(); };
});
