"""The parameters of the estimators. Made by scripts/python_parameters.py from the tables of options that the command
line has; not to be edited."""
import math

# As the command line names them.
OPTIONS = {
    'all_certificates': 'all-certificates',
    'alpha': 'alpha',
    'batch': 'batch',
    'bias': 'bias',
    'box_steps': 'box-steps',
    'change': 'change',
    'class_weights': 'class-weights',
    'complement': 'complement',
    'descent': 'descent',
    'draws': 'draws',
    'epochs': 'epochs',
    'epsilon': 'epsilon',
    'folds': 'folds',
    'gap': 'gap',
    'gates': 'gates',
    'gates_file': 'gates-file',
    'hidden': 'hidden',
    'huber_delta': 'huber-delta',
    'intercept': 'intercept',
    'keep_constant': 'keep-constant',
    'lambda_': 'lambda',
    'lambda_ratio': 'lambda-ratio',
    'layers': 'layers',
    'loss': 'loss',
    'map': 'map',
    'mask': 'mask',
    'mask_density': 'mask-density',
    'max_iterations': 'max-iterations',
    'max_rounds': 'max-rounds',
    'memory': 'memory',
    'model': 'model',
    'neurons': 'neurons',
    'nodes': 'nodes',
    'norm': 'norm',
    'p_rule': 'p-rule',
    'p_u': 'p-u',
    'p_w': 'p-w',
    'particles': 'particles',
    'path': 'path',
    'path_ratio': 'path-ratio',
    'penalty': 'penalty',
    'power': 'power',
    'precondition': 'precondition',
    'radius': 'radius',
    'radius0': 'radius0',
    'random_units': 'random-units',
    'rho_u': 'rho-u',
    'rho_w': 'rho-w',
    'rule': 'rule',
    'scale': 'scale',
    'seed': 'seed',
    'selection_rows': 'selection-rows',
    'skip': 'skip',
    'solver': 'solver',
    'start': 'start',
    'start_spread': 'start-spread',
    'step': 'step',
    'steps': 'steps',
    'target_scale': 'target-scale',
    'threads': 'threads',
    'time_limit': 'time-limit',
    'units': 'units',
}


class ReluClassifierParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 0.01
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    skip : text, default 'off'
        a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs (one of off
        on)
    units : text, default 'separate'
        of more than one output: separate, each output has its own; shared, each unit feeds all (one of
        separate shared)
    max_rounds : int, default 100
        most rounds of the search for units; with radius, most steps (in [1, 1e+06])
    nodes : int, default 0
        most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from
        1,000 rows on; of two to seven features besides a thousand smaller cones for each; with power 0 or 2
        50,000, and fewer from 400 rows on (in [0, 1e+06])
    radius : number, default 0.0
        the constrained form, in place of a penalty: the least loss with sum |u| |w| at most so much; needs no
        cross-validation; 0: the penalized form (in [0, 1e+100])
    steps : text, default 'corrective'
        with radius, of the conditional gradient method: corrective (all sizes anew), line-search, or classic
        (2 / (t + 1)); the last two want many max_rounds (one of corrective line-search classic)
    power : int, default 1
        of max(0, u.x) in ReLU units, which for 0 and 2 have one output, and in those of a kernel: 0 (steps),
        1 (ReLU) or 2 (squares) (in [0, 2])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=0.01,
                 time_limit=math.inf,
                 skip='off',
                 units='separate',
                 max_rounds=100,
                 nodes=0,
                 radius=0.0,
                 steps='corrective',
                 power=1,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.skip = skip
        self.units = units
        self.max_rounds = max_rounds
        self.nodes = nodes
        self.radius = radius
        self.steps = steps
        self.power = power
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class ReluRegressorParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 0.01
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    skip : text, default 'off'
        a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs (one of off
        on)
    units : text, default 'separate'
        of more than one output: separate, each output has its own; shared, each unit feeds all (one of
        separate shared)
    max_rounds : int, default 100
        most rounds of the search for units; with radius, most steps (in [1, 1e+06])
    nodes : int, default 0
        most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from
        1,000 rows on; of two to seven features besides a thousand smaller cones for each; with power 0 or 2
        50,000, and fewer from 400 rows on (in [0, 1e+06])
    radius : number, default 0.0
        the constrained form, in place of a penalty: the least loss with sum |u| |w| at most so much; needs no
        cross-validation; 0: the penalized form (in [0, 1e+100])
    steps : text, default 'corrective'
        with radius, of the conditional gradient method: corrective (all sizes anew), line-search, or classic
        (2 / (t + 1)); the last two want many max_rounds (one of corrective line-search classic)
    power : int, default 1
        of max(0, u.x) in ReLU units, which for 0 and 2 have one output, and in those of a kernel: 0 (steps),
        1 (ReLU) or 2 (squares) (in [0, 2])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=0.01,
                 time_limit=math.inf,
                 skip='off',
                 units='separate',
                 max_rounds=100,
                 nodes=0,
                 radius=0.0,
                 steps='corrective',
                 power=1,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.skip = skip
        self.units = units
        self.max_rounds = max_rounds
        self.nodes = nodes
        self.radius = radius
        self.steps = steps
        self.power = power
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class GatedReluClassifierParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    penalty : text, default 'group'
        what lambda weighs: group, the norms of the weights of each gate and output; nuclear, the singular
        values of each gate's weights (weight decay of units that feed all outputs); l1, the sizes of all
        weights (variables are left out gate by gate); features, a norm for each feature over all gates and
        outputs (variables are left out altogether) (one of group nuclear l1 features)
    gates : int, default 0
        random gates to draw; 0: half the number of rows, but 100 at least and 500 at most (in [0, 1e+06])
    gates_file : text, default ''
        gates to use instead: an NPY array of inputs x gates
    max_iterations : int, default 100000
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 penalty='group',
                 gates=0,
                 gates_file='',
                 max_iterations=100000,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.penalty = penalty
        self.gates = gates
        self.gates_file = gates_file
        self.max_iterations = max_iterations
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class GatedReluRegressorParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    penalty : text, default 'group'
        what lambda weighs: group, the norms of the weights of each gate and output; nuclear, the singular
        values of each gate's weights (weight decay of units that feed all outputs); l1, the sizes of all
        weights (variables are left out gate by gate); features, a norm for each feature over all gates and
        outputs (variables are left out altogether) (one of group nuclear l1 features)
    gates : int, default 0
        random gates to draw; 0: half the number of rows, but 100 at least and 500 at most (in [0, 1e+06])
    gates_file : text, default ''
        gates to use instead: an NPY array of inputs x gates
    max_iterations : int, default 100000
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 penalty='group',
                 gates=0,
                 gates_file='',
                 max_iterations=100000,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.penalty = penalty
        self.gates = gates
        self.gates_file = gates_file
        self.max_iterations = max_iterations
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class AutoClassifierParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default None
        relative gap to certify: (objective - bound) / (objective at zero - bound); None: each method's own
        (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    skip : text, default 'off'
        a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs (one of off
        on)
    units : text, default 'separate'
        of more than one output: separate, each output has its own; shared, each unit feeds all (one of
        separate shared)
    max_rounds : int, default 100
        most rounds of the search for units; with radius, most steps (in [1, 1e+06])
    nodes : int, default 0
        most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from
        1,000 rows on; of two to seven features besides a thousand smaller cones for each; with power 0 or 2
        50,000, and fewer from 400 rows on (in [0, 1e+06])
    gates : int, default 0
        random gates to draw; 0: half the number of rows, but 100 at least and 500 at most (in [0, 1e+06])
    gates_file : text, default ''
        gates to use instead: an NPY array of inputs x gates
    max_iterations : int, default 100000
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=None,
                 time_limit=math.inf,
                 skip='off',
                 units='separate',
                 max_rounds=100,
                 nodes=0,
                 gates=0,
                 gates_file='',
                 max_iterations=100000,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.skip = skip
        self.units = units
        self.max_rounds = max_rounds
        self.nodes = nodes
        self.gates = gates
        self.gates_file = gates_file
        self.max_iterations = max_iterations
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class AutoRegressorParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default None
        relative gap to certify: (objective - bound) / (objective at zero - bound); None: each method's own
        (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    skip : text, default 'off'
        a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs (one of off
        on)
    units : text, default 'separate'
        of more than one output: separate, each output has its own; shared, each unit feeds all (one of
        separate shared)
    max_rounds : int, default 100
        most rounds of the search for units; with radius, most steps (in [1, 1e+06])
    nodes : int, default 0
        most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from
        1,000 rows on; of two to seven features besides a thousand smaller cones for each; with power 0 or 2
        50,000, and fewer from 400 rows on (in [0, 1e+06])
    gates : int, default 0
        random gates to draw; 0: half the number of rows, but 100 at least and 500 at most (in [0, 1e+06])
    gates_file : text, default ''
        gates to use instead: an NPY array of inputs x gates
    max_iterations : int, default 100000
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=None,
                 time_limit=math.inf,
                 skip='off',
                 units='separate',
                 max_rounds=100,
                 nodes=0,
                 gates=0,
                 gates_file='',
                 max_iterations=100000,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.skip = skip
        self.units = units
        self.max_rounds = max_rounds
        self.nodes = nodes
        self.gates = gates
        self.gates_file = gates_file
        self.max_iterations = max_iterations
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class KernelClassifierParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 21
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 1e-06
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 1000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    power : int, default 1
        of the units max(0, v.x)^power whose kernel it is: 0 (steps), 1 (ReLU) or 2 (smoother) (in [0, 2])
    random_units : int, default 0
        so many units drawn at random in the place of infinitely many, with the density's weights on them
        alone: for more rows than a kernel matrix has room for; 0: all units (in [0, 1e+06])
    max_iterations : int, default 500
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=21,
                 path_ratio=1e-06,
                 folds=5,
                 selection_rows=1000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 power=1,
                 random_units=0,
                 max_iterations=500,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.power = power
        self.random_units = random_units
        self.max_iterations = max_iterations
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class KernelRegressorParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    lambda_ : number, default 0.0
        weight of the penalty; 0: chosen by cross-validation (at least 0)
    lambda_ratio : number, default 0.0
        instead of lambda_: its share of the largest one, at which all weights are 0 (kernel: at which at most
        half of the target is met); 0: not given (in [0, 1])
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 21
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 1e-06
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 1000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    power : int, default 1
        of the units max(0, v.x)^power whose kernel it is: 0 (steps), 1 (ReLU) or 2 (smoother) (in [0, 2])
    random_units : int, default 0
        so many units drawn at random in the place of infinitely many, with the density's weights on them
        alone: for more rows than a kernel matrix has room for; 0: all units (in [0, 1e+06])
    max_iterations : int, default 500
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 lambda_=0.0,
                 lambda_ratio=0.0,
                 intercept='on',
                 path=21,
                 path_ratio=1e-06,
                 folds=5,
                 selection_rows=1000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 power=1,
                 random_units=0,
                 max_iterations=500,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.lambda_ = lambda_
        self.lambda_ratio = lambda_ratio
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.power = power
        self.random_units = random_units
        self.max_iterations = max_iterations
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class PolynomialClassifierParameters:
    """Parameters
    ----------
    model : text, default 'best'
        which networks to choose from: best (additive families, by cross-validation), published (dense draws,
        p by the paper's (4) and (9)), masked (the same with masks and bias), or given (the network that the
        options below describe) (one of best published masked given)
    layers : int, default 1
        hidden layers of published and masked networks (in [1, 5])
    draws : int, default 100
        random architectures tried for published and masked (in [1, 100000])
    folds : int, default 5
        folds of the cross-validation on training rows (in [2, 100])
    selection_rows : int, default 4000
        cross-validate on at most so many rows, drawn by class (in [10, 1e+09])
    hidden : ints, default (10,)
        units of each hidden layer (spectral: of model given) (in [1, 1e+06])
    alpha : numbers, default (1.0, 2.0)
        given: exponents, dealt out to the units in turn (in [1, 1000])
    p_rule : text, default 'concave'
        given: how p is chosen: published ((4) and (9)), concave (smallest p of hidden concavity at p_w), or
        given (p_w, p_u) (one of published concave given)
    p_w : number, default 2.0
        given: p of the output's norms (in (1, 1e+09])
    p_u : numbers, default (4.0,)
        given: p of each hidden layer's norm (in (1, 1e+09])
    rho_w : number, default 1.0
        given: radius of the output's norms (in (0, 1e+12])
    rho_u : numbers, default (1.0,)
        given: radius of each hidden layer's norm (in (0, 1e+12])
    epsilon : number, default 1e-08
        given: reward of the sum of weights (in [0, 1e+12])
    norm : text, default 'matrix'
        given: one norm per hidden layer (matrix) or per unit (one of matrix unit)
    mask : text, default 'dense'
        given: which weights exist: dense, random (mask_density), or single (a unit for each feature and
        exponent) (one of dense random single)
    mask_density : number, default 0.6
        given: share of weights that exist under a random mask (in (0, 1])
    bias : flag, default False
        given: add the constant feature 1
    complement : flag, default False
        given: add 1 - f for each scaled feature f
    map : text, default 'identity'
        given: map scaled columns: identity or root (one of identity root)
    start : text, default 'flat'
        where the iteration begins: flat or random (seed) (one of flat random)
    start_spread : number, default 3.0
        how far apart random log-weights may lie (in [0, 100])
    gap : number, default 1e-09
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    change : number, default 1e-11
        and no log-weight would move by more than this in a plain step (in [0, 1])
    max_iterations : int, default 10000
        most iterations of the final training (in [0, 1e+09])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    memory : int, default 20
        steps that the quasi-Newton direction looks back on; 0: the paper's map, safeguarded (in [0, 1000])
    box_steps : int, default 300
        where hidden concavity does not hold: cuts of the box certificate (in [1, 1000])
    all_certificates : flag, default False
        also try the box, and report its width
    scale : text, default 'minmax'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    """

    def __init__(self, *,
                 model='best',
                 layers=1,
                 draws=100,
                 folds=5,
                 selection_rows=4000,
                 hidden=(10,),
                 alpha=(1.0, 2.0),
                 p_rule='concave',
                 p_w=2.0,
                 p_u=(4.0,),
                 rho_w=1.0,
                 rho_u=(1.0,),
                 epsilon=1e-08,
                 norm='matrix',
                 mask='dense',
                 mask_density=0.6,
                 bias=False,
                 complement=False,
                 map='identity',
                 start='flat',
                 start_spread=3.0,
                 gap=1e-09,
                 change=1e-11,
                 max_iterations=10000,
                 time_limit=math.inf,
                 memory=20,
                 box_steps=300,
                 all_certificates=False,
                 scale='minmax',
                 keep_constant=False,
                 seed=0,
                 threads=0):
        self.model = model
        self.layers = layers
        self.draws = draws
        self.folds = folds
        self.selection_rows = selection_rows
        self.hidden = hidden
        self.alpha = alpha
        self.p_rule = p_rule
        self.p_w = p_w
        self.p_u = p_u
        self.rho_w = rho_w
        self.rho_u = rho_u
        self.epsilon = epsilon
        self.norm = norm
        self.mask = mask
        self.mask_density = mask_density
        self.bias = bias
        self.complement = complement
        self.map = map
        self.start = start
        self.start_spread = start_spread
        self.gap = gap
        self.change = change
        self.max_iterations = max_iterations
        self.time_limit = time_limit
        self.memory = memory
        self.box_steps = box_steps
        self.all_certificates = all_certificates
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads


class LinearNetworkRegressorParameters:
    """Parameters
    ----------
    hidden : ints, default ()
        widths of the hidden layers; left out: none, linear regression (in [1, 1e+06])
    intercept : text, default 'on'
        a bias of the outputs (one of on off)
    solver : text, default 'closed-form'
        closed-form: the global minimum at once; gradient, lbfgs: descent from random weights, to study where
        it comes to (one of closed-form gradient lbfgs)
    max_iterations : int, default 5000
        most iterations of the final training (in [0, 1e+09])
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    """

    def __init__(self, *,
                 hidden=(),
                 intercept='on',
                 solver='closed-form',
                 max_iterations=5000,
                 gap=1e-06,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0):
        self.hidden = hidden
        self.intercept = intercept
        self.solver = solver
        self.max_iterations = max_iterations
        self.gap = gap
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads


class ParticleRegressorParameters:
    """Parameters
    ----------
    particles : int, default 100
        ReLU units, each moving along its gradient (in [1, 1e+06])
    radius0 : number, default 0.05
        of the sphere that the particles start on, weight and position together (in (0, 1e+06])
    step : number, default 0.02
        length of a step in the flow's time (in (0, 1e+06])
    batch : int, default 1
        rows of a step; 0: all (in [0, 1e+09])
    epochs : int, default 100
        how often each row is used (in [1, 1e+09])
    lambda_ : number, default 0.0
        weight of the penalty (at least 0)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    gap : number, default 0.01
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the bound (above 0)
    nodes : int, default 0
        most cones that the proof over every width looks at, for each sign; 0: 300, and fewer from 1,000 rows
        on (in [0, 1e+06])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    """

    def __init__(self, *,
                 particles=100,
                 radius0=0.05,
                 step=0.02,
                 batch=1,
                 epochs=100,
                 lambda_=0.0,
                 intercept='on',
                 gap=0.01,
                 time_limit=math.inf,
                 nodes=0,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0):
        self.particles = particles
        self.radius0 = radius0
        self.step = step
        self.batch = batch
        self.epochs = epochs
        self.lambda_ = lambda_
        self.intercept = intercept
        self.gap = gap
        self.time_limit = time_limit
        self.nodes = nodes
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads


class ReluSumRegressorParameters:
    """Parameters
    ----------
    neurons : int, default 1
        ReLU units, all of which feed the output with the weight 1 (in [1, 10000])
    intercept : text, default 'on'
        a bias of each unit (one of on off)
    descent : text, default 'regularized'
        regularized: the convex relaxation of one unit, regularized gradient descent of several; gradient:
        plain gradient descent, to compare with (one of regularized gradient)
    precondition : text, default 'on'
        steps in the metric of the samples; off: along the gradient, divided by the largest curvature (one of
        on off)
    max_iterations : int, default 10000
        most steps (in [1, 1e+09])
    gap : number, default 1e-09
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    scale : text, default 'none'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    """

    def __init__(self, *,
                 neurons=1,
                 intercept='on',
                 descent='regularized',
                 precondition='on',
                 max_iterations=10000,
                 gap=1e-09,
                 scale='none',
                 keep_constant=False,
                 seed=0,
                 threads=0):
        self.neurons = neurons
        self.intercept = intercept
        self.descent = descent
        self.precondition = precondition
        self.max_iterations = max_iterations
        self.gap = gap
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads


class ReluClassifierCVParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 0.01
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    skip : text, default 'off'
        a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs (one of off
        on)
    units : text, default 'separate'
        of more than one output: separate, each output has its own; shared, each unit feeds all (one of
        separate shared)
    max_rounds : int, default 100
        most rounds of the search for units; with radius, most steps (in [1, 1e+06])
    nodes : int, default 0
        most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from
        1,000 rows on; of two to seven features besides a thousand smaller cones for each; with power 0 or 2
        50,000, and fewer from 400 rows on (in [0, 1e+06])
    power : int, default 1
        of max(0, u.x) in ReLU units, which for 0 and 2 have one output, and in those of a kernel: 0 (steps),
        1 (ReLU) or 2 (squares) (in [0, 2])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=0.01,
                 time_limit=math.inf,
                 skip='off',
                 units='separate',
                 max_rounds=100,
                 nodes=0,
                 power=1,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.skip = skip
        self.units = units
        self.max_rounds = max_rounds
        self.nodes = nodes
        self.power = power
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class ReluRegressorCVParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 0.01
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    skip : text, default 'off'
        a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs (one of off
        on)
    units : text, default 'separate'
        of more than one output: separate, each output has its own; shared, each unit feeds all (one of
        separate shared)
    max_rounds : int, default 100
        most rounds of the search for units; with radius, most steps (in [1, 1e+06])
    nodes : int, default 0
        most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from
        1,000 rows on; of two to seven features besides a thousand smaller cones for each; with power 0 or 2
        50,000, and fewer from 400 rows on (in [0, 1e+06])
    power : int, default 1
        of max(0, u.x) in ReLU units, which for 0 and 2 have one output, and in those of a kernel: 0 (steps),
        1 (ReLU) or 2 (squares) (in [0, 2])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=0.01,
                 time_limit=math.inf,
                 skip='off',
                 units='separate',
                 max_rounds=100,
                 nodes=0,
                 power=1,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.skip = skip
        self.units = units
        self.max_rounds = max_rounds
        self.nodes = nodes
        self.power = power
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class GatedReluClassifierCVParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    penalty : text, default 'group'
        what lambda weighs: group, the norms of the weights of each gate and output; nuclear, the singular
        values of each gate's weights (weight decay of units that feed all outputs); l1, the sizes of all
        weights (variables are left out gate by gate); features, a norm for each feature over all gates and
        outputs (variables are left out altogether) (one of group nuclear l1 features)
    gates : int, default 0
        random gates to draw; 0: half the number of rows, but 100 at least and 500 at most (in [0, 1e+06])
    gates_file : text, default ''
        gates to use instead: an NPY array of inputs x gates
    max_iterations : int, default 100000
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 penalty='group',
                 gates=0,
                 gates_file='',
                 max_iterations=100000,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.penalty = penalty
        self.gates = gates
        self.gates_file = gates_file
        self.max_iterations = max_iterations
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class GatedReluRegressorCVParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 30
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 0.001
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 4000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    penalty : text, default 'group'
        what lambda weighs: group, the norms of the weights of each gate and output; nuclear, the singular
        values of each gate's weights (weight decay of units that feed all outputs); l1, the sizes of all
        weights (variables are left out gate by gate); features, a norm for each feature over all gates and
        outputs (variables are left out altogether) (one of group nuclear l1 features)
    gates : int, default 0
        random gates to draw; 0: half the number of rows, but 100 at least and 500 at most (in [0, 1e+06])
    gates_file : text, default ''
        gates to use instead: an NPY array of inputs x gates
    max_iterations : int, default 100000
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 intercept='on',
                 path=30,
                 path_ratio=0.001,
                 folds=5,
                 selection_rows=4000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 penalty='group',
                 gates=0,
                 gates_file='',
                 max_iterations=100000,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.penalty = penalty
        self.gates = gates
        self.gates_file = gates_file
        self.max_iterations = max_iterations
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class KernelClassifierCVParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    class_weights : text, default 'none'
        balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times (one of none
        balanced)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 21
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 1e-06
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 1000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    power : int, default 1
        of the units max(0, v.x)^power whose kernel it is: 0 (steps), 1 (ReLU) or 2 (smoother) (in [0, 2])
    random_units : int, default 0
        so many units drawn at random in the place of infinitely many, with the density's weights on them
        alone: for more rows than a kernel matrix has room for; 0: all units (in [0, 1e+06])
    max_iterations : int, default 500
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 class_weights='none',
                 intercept='on',
                 path=21,
                 path_ratio=1e-06,
                 folds=5,
                 selection_rows=1000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 power=1,
                 random_units=0,
                 max_iterations=500,
                 scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.class_weights = class_weights
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.power = power
        self.random_units = random_units
        self.max_iterations = max_iterations
        self.scale = scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start


class KernelRegressorCVParameters:
    """Parameters
    ----------
    loss : text, default 'auto'
        squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge
        (two classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for
        more (one of auto squared huber logistic squared_hinge softmax)
    huber_delta : number, default 1.0
        where Huber's loss turns from square to line, in deviations of the target (above 0)
    intercept : text, default 'on'
        a constant feature, penalized as every other (one of on off)
    path : int, default 21
        values of lambda that cross-validation chooses among (in [1, 1000])
    path_ratio : number, default 1e-06
        the smallest lambda of the path over the largest (in (0, 1])
    folds : int, default 5
        parts of the cross-validation (in [2, 1000])
    selection_rows : int, default 1000
        rows that the cross-validation sees at most (in [2, 1e+09])
    rule : text, default 'one-se'
        one-se: the largest lambda whose loss is above the best by no more than the standard error of that
        difference, over folds; or best (one of one-se best)
    gap : number, default 1e-06
        relative gap to certify: (objective - bound) / (objective at zero - bound) (in (0, 0.999999])
    time_limit : number, default math.inf
        seconds for the final training (above 0)
    power : int, default 1
        of the units max(0, v.x)^power whose kernel it is: 0 (steps), 1 (ReLU) or 2 (smoother) (in [0, 2])
    random_units : int, default 0
        so many units drawn at random in the place of infinitely many, with the density's weights on them
        alone: for more rows than a kernel matrix has room for; 0: all units (in [0, 1e+06])
    max_iterations : int, default 500
        most iterations of the final training (in [0, 1e+09])
    scale : text, default 'standard'
        minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by
        the largest row sum; standard: each to mean 0 and standard deviation 1 (one of minmax none unit
        standard)
    target_scale : text, default 'standard'
        of a quantity: standard: to mean 0 and standard deviation 1; none: as it is (one of standard none)
    keep_constant : flag, default False
        keep numeric columns that are constant on the training rows
    seed : count, default 0
        of folds, hold-out and draws; nothing else is random
    threads : int, default 0
        0: all processors; the result does not depend on it (in [0, 1024])
    warm_start : bool, default False
        begin with the network of the fit before, if it is of the same kind and shape
    """

    def __init__(self, *,
                 loss='auto',
                 huber_delta=1.0,
                 intercept='on',
                 path=21,
                 path_ratio=1e-06,
                 folds=5,
                 selection_rows=1000,
                 rule='one-se',
                 gap=1e-06,
                 time_limit=math.inf,
                 power=1,
                 random_units=0,
                 max_iterations=500,
                 scale='standard',
                 target_scale='standard',
                 keep_constant=False,
                 seed=0,
                 threads=0,
                 warm_start=False):
        self.loss = loss
        self.huber_delta = huber_delta
        self.intercept = intercept
        self.path = path
        self.path_ratio = path_ratio
        self.folds = folds
        self.selection_rows = selection_rows
        self.rule = rule
        self.gap = gap
        self.time_limit = time_limit
        self.power = power
        self.random_units = random_units
        self.max_iterations = max_iterations
        self.scale = scale
        self.target_scale = target_scale
        self.keep_constant = keep_constant
        self.seed = seed
        self.threads = threads
        self.warm_start = warm_start
