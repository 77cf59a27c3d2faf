namespace ServiMon.Predict.Hazard;

/// <summary>
/// Boosted regression trees in flat arrays. A node sends x &lt;= threshold to the left and x &gt; threshold to the right; NaN goes where
/// the node's own flag says. Score = scale * (sum of the leaves reached) + offset, in log-odds.
/// </summary>
/// <remarks>
/// Child indices: node i has children <see cref="Left"/>[i] and <see cref="Right"/>[i]; an index &lt; 0 is the leaf with number ~index.
/// <see cref="Roots"/>[t] is the root of tree t in the same code.
/// </remarks>
public sealed class TreeEnsemble : IRiskScore
{
    private readonly int[] _roots;
    private readonly int[] _feature;
    private readonly float[] _threshold;
    private readonly bool[] _missingLeft;
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly double[] _leaf;

    /// <summary>The same nodes, each side by side in memory: what <see cref="LeafSum"/> walks.</summary>
    private readonly Node[] _nodes;

    /// <param name="Feature">Column; its complement where NaN goes to the left.</param>
    private readonly record struct Node(int Feature, float Threshold, int Left, int Right);

    /// <exception cref="ArgumentException">When the arrays do not describe trees: every child must come after its parent.</exception>
    public TreeEnsemble(
        int width, int[] roots, int[] feature, float[] threshold, bool[] missingLeft, int[] left, int[] right, double[] leaf,
        double scale, double offset)
    {
        var nodes = feature.Length;
        if (threshold.Length != nodes || missingLeft.Length != nodes || left.Length != nodes || right.Length != nodes)
        {
            throw new ArgumentException(
                $"{nodes} features, {threshold.Length} thresholds, {missingLeft.Length} flags, {left.Length} and {right.Length} children: expected as many of each");
        }
        for (var i = 0; i < nodes; i++)
        {
            if (feature[i] < 0 || feature[i] >= width) throw new ArgumentException($"node {i} splits column {feature[i]}, expected 0 to {width - 1}");
            if (float.IsNaN(threshold[i])) throw new ArgumentException($"node {i} has no threshold");
            CheckIndex(left[i], i, nodes, leaf.Length);
            CheckIndex(right[i], i, nodes, leaf.Length);
        }
        foreach (var root in roots) CheckIndex(root, -1, nodes, leaf.Length);
        foreach (var value in leaf)
            if (!double.IsFinite(value)) throw new ArgumentException($"a leaf has value {value}, expected a finite number");
        if (!double.IsFinite(scale) || !double.IsFinite(offset))
            throw new ArgumentException($"scale {scale} and offset {offset}, expected finite numbers");
        Width = width;
        (_roots, _feature, _threshold, _missingLeft, _left, _right, _leaf) = (roots, feature, threshold, missingLeft, left, right, leaf);
        (Scale, Offset) = (scale, offset);
        _nodes = new Node[nodes];
        for (var i = 0; i < nodes; i++) _nodes[i] = new Node(missingLeft[i] ? ~feature[i] : feature[i], threshold[i], left[i], right[i]);
    }

    public int Width { get; }

    public int TreeCount => _roots.Length;

    public double Scale { get; }

    public double Offset { get; }

    public ReadOnlySpan<int> Roots => _roots;

    public ReadOnlySpan<int> Feature => _feature;

    public ReadOnlySpan<float> Threshold => _threshold;

    public ReadOnlySpan<bool> MissingLeft => _missingLeft;

    public ReadOnlySpan<int> Left => _left;

    public ReadOnlySpan<int> Right => _right;

    public ReadOnlySpan<double> Leaf => _leaf;

    public double Score(ReadOnlySpan<float> evidence) => Scale * LeafSum(evidence, 0, _roots.Length) + Offset;

    /// <summary>Sum of the leaves reached in trees <paramref name="first"/> to <paramref name="end"/>, exclusive.</summary>
    public double LeafSum(ReadOnlySpan<float> evidence, int first, int end)
    {
        var sum = 0.0;
        var nodes = _nodes;
        for (var t = first; t < end; t++)
        {
            var at = _roots[t];
            while (at >= 0)
            {
                ref readonly var node = ref nodes[at];
                var x = evidence[node.Feature < 0 ? ~node.Feature : node.Feature];
                // A comparison with NaN is false: to the left, unless it is greater, where NaN goes to the left.
                at = (node.Feature < 0 ? !(x > node.Threshold) : x <= node.Threshold) ? node.Left : node.Right;
            }
            sum += _leaf[~at];
        }
        return sum;
    }

    private static void CheckIndex(int index, int parent, int nodes, int leaves)
    {
        if (index >= 0 ? index <= parent || index >= nodes : ~index >= leaves)
            throw new ArgumentException($"node {parent} points to {index}: not a later node of {nodes} nor one of {leaves} leaves");
    }
}
