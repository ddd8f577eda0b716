"""Which projects are special (特殊建设工程): the words of article 14, its rows as pure rules, and files judged row by row."""
