"""The nouns of the compiler: plain immutable data, standard library only.

No phase owns what it hands on, so every phase may import these and none another's.

    source      a file, a span in it, a text embedded in it
    diagnostic  what is wrong, where, why, and the edits that would settle it
    expr        expressions as written            typed   expressions with their types
    tree        pipelines as written              graph   pipelines as nodes and edges
    types       type terms, rows, origins         expect  why a type was expected
    effects     error sets, facts of an edge      plan    what a target prints
    files       what a target produced            project what the user's project defines
"""
