namespace ServiMon.Predict.Training;

public sealed class EvidenceTableTests
{
    [Fact]
    public void A_row_is_its_stretch_of_the_values()
    {
        var table = new EvidenceTable
        {
            Width = 3,
            Values = [1, 2, 3, 4, float.NaN, 6],
            Asset = [0, 1],
            AssetCount = 2,
            Ticks = [0, 0],
            SecondsToIncident = [60, double.PositiveInfinity],
            SecondsObserved = [double.PositiveInfinity, 90],
            Incident = [0, -1],
            IncidentCount = 1,
            Weight = [1, 4],
        };

        Assert.Equal(2, table.Count);
        Assert.Equal([4, float.NaN, 6], table.Row(1).ToArray());
    }
}
