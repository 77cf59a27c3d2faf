namespace ServiMon.Predict.Statistics;

/// <summary>The density of what has not passed a level.</summary>
internal interface IPassageGrid
{
    /// <summary>One step: z goes to r z + q e.</summary>
    /// <param name="level">Where it is cut off.</param>
    /// <param name="r">Share that is carried, 0 to 1.</param>
    /// <param name="q">Deviation of the move, sqrt(1 - r²).</param>
    /// <param name="taken">Steps of the chain that this one stands for.</param>
    /// <returns>What is left below the level after it.</returns>
    double Move(double level, double r, double q, int taken);
}
