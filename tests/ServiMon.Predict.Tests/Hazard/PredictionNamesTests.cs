namespace ServiMon.Predict.Hazard;

public sealed class PredictionNamesTests
{
    [Fact]
    public void States_are_written_as_files_and_gauges_name_them() =>
        Assert.Equal(["ready", "warming_up", "stale", "out_of_distribution", "in_incident", "maintenance", "no_model"],
            Enum.GetValues<PredictionState>().Select(s => s.Text()));

    [Fact]
    public void Bases_are_written_as_files_and_gauges_name_them() =>
        Assert.Equal(["prior", "evidence", "learned"], Enum.GetValues<PredictionBasis>().Select(b => b.Text()));

    [Fact]
    public void A_value_outside_the_enumeration_has_no_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ((PredictionState)99).Text());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((PredictionBasis)99).Text());
    }
}
