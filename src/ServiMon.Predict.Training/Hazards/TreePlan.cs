namespace ServiMon.Predict.Training.Hazards;

/// <summary>How trees are grown for a table of some size.</summary>
internal sealed record TreePlan(int Width)
{
    // Below this many incidents more than 200 small steps only fit the noise.
    private const int ManyIncidents = 30;

    /// <summary>Numbers of trees to try, ascending.</summary>
    public static double[] Counts(int incidents) => incidents < ManyIncidents ? [25, 50, 100, 200] : [50, 100, 200, 400];

    /// <summary>Shallow trees of 6 leaves; leaves of at least 2 percent of the rows, 20 to 200; about 60 columns a tree.</summary>
    public TreeSettings Settings(int rows, int trees) => new(
        trees, LeafCount: 6, MinimumRows: Math.Clamp(rows / 50, 20, 200),
        LearningRate: 0.05, ColumnShare: Math.Clamp(60.0 / Width, 0.1, 0.7));
}
