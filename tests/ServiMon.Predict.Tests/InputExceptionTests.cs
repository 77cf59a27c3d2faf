namespace ServiMon.Predict;

public sealed class InputExceptionTests
{
    [Fact]
    public void The_message_lists_every_problem_on_a_line_of_its_own()
    {
        var error = new InputException([
            new Problem("fleet.csv:17", "value 'x' is no number"),
            new Problem("broker.yaml: step", "-5s is out of range: 1ms to 1d"),
        ]);

        Assert.Equal(["fleet.csv:17: value 'x' is no number", "broker.yaml: step: -5s is out of range: 1ms to 1d"],
            error.Message.Split(Environment.NewLine));
    }

    [Fact]
    public void One_problem_can_be_given_as_where_and_what()
    {
        var problem = Assert.Single(new InputException("--folds", "1 is out of range: 2 or more").Problems);

        Assert.Equal("--folds: 1 is out of range: 2 or more", problem.ToString());
    }
}
